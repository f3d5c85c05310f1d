// The product page: what the server knew is in the document; options, prices and the size table come by GraphQL. Options
// open level by level in a sheet above the buy bar.
"use strict";

const known = state.product;

function summary(product) {
  const price = product.product_price;
  const display = price ? price.display_final_price : null;
  const beside = display ? display.final_price_additional : null;
  return el(
    "div",
    "Product__Info",
    {},
    el("p", "Product__Shop", {}, product.shop_name || ""),
    el("h1", "Product__Name", {}, product.name),
    price ? el("s", "Product__Normal", {}, won(price.max_price_info.price)) : null,
    el("p", "Product__Price", {}, display ? won(display.final_price.price) : ""),
    beside ? el("p", "Product__Badge", {}, `${beside.badge.text} ${won(beside.price)}`) : null,
    el("a", "", { href: `/review/list/${product.id}` }, "리뷰 전체보기"),
  );
}

// The values of one level that go with what is chosen already, each with the item it leads to on the last level.
function choices(product, chosen) {
  const level = chosen.length;
  const axis = product.product_option_list[level];
  const isLast = level === product.product_option_list.length - 1;
  return axis.value_list.map(({ value }) => {
    const items = product.matched_item_list.filter((item) =>
      [...chosen, value].every((text, place) => item.item_attribute_list[place].value === text),
    );
    const gone = items.every((item) => item.sales_status !== "ON_SALE");
    const extra = items.length && level === 0 && !isLast ? items[0].price_delta : 0;
    const text = isLast ? `${value} ${won(items[0].final_price)}` : `${value}${extra ? `(${extra})` : ""}`;
    return { value, text, gone, isLast };
  });
}

function sheet(product) {
  const box = el("div", "Sheet__Box", { hidden: "", role: "dialog" });
  const open = (chosen) => {
    const axis = product.product_option_list[chosen.length];
    const items = choices(product, chosen).map(({ value, text, gone, isLast }) => {
      const item = el("li", gone ? "Sheet__Gone" : "Sheet__Value", {}, gone ? `${text} (품절)` : text);
      if (!gone) item.addEventListener("click", () => (isLast ? notice(`선택: ${[...chosen, value].join(" / ")}`) : open([...chosen, value])));
      return item;
    });
    box.replaceChildren(el("p", "Sheet__Title", {}, axis.name), el("ul", "Sheet__List", {}, ...items));
  };
  const button = el("button", "Buy__Button", { type: "button", disabled: known.is_purchasable ? null : "" }, known.is_purchasable ? "구매하기" : "판매중지");
  button.addEventListener("click", () => {
    if (!product.product_option_list.length) return;
    open([]);
    box.toggleAttribute("hidden");
  });
  return [box, el("div", "Buy__Bar", {}, button)];
}

function sizes(details) {
  const tables = details.pdp_size_info.item_list.filter((table) => table.value_list);
  const rows = tables.length ? tables[0].value_list : [];
  const table = el("table", "Size__Table", {}, ...rows.map((row, place) => el("tr", "", {}, ...row.map((cell) => el(place ? "td" : "th", "", {}, cell)))));
  const advice = details.pdp_base_info.size_recommendation;
  const lines = advice
    ? advice.option_value_list.map((one) => el("p", "Size__Advice", {}, `${one.name}: ${one.height_range.min}~${one.height_range.max}cm · ${one.weight_range.min}~${one.weight_range.max}kg`))
    : [];
  return el("div", "", {}, rows.length ? table : null, ...lines);
}

function tabs(details) {
  const content = el("section", "Tab__Content");
  const shown = { detail: () => el("p", "", {}, "상품 상세"), review: () => el("p", "", {}, `리뷰 ${details.related_product_review_summary.all_count}`), inquiry: () => el("p", "", {}, "문의") };
  if (state.has_size_tab) shown.size = () => sizes(details);
  const names = { detail: "상세", review: "리뷰", size: "사이즈", inquiry: "문의" };
  const bar = el("nav", "Tab__Bar", { role: "tablist" });
  const show = (wanted) => {
    bar.replaceChildren(
      ...Object.keys(names).filter((name) => shown[name]).map((name) => {
        const button = el("button", name === wanted ? "Tab__Selected" : "Tab__Button", { role: "tab" }, names[name]);
        button.addEventListener("click", () => show(name));
        return button;
      }),
    );
    content.replaceChildren(shown[wanted]());
  };
  show(shown[state.tab] ? state.tab : "detail");
  return [bar, content];
}

async function load() {
  const id = known.id;
  const [options, details] = await Promise.all([
    ask("GetCatalogProductDetailPageOption", "($catalog_product_id: ID!, $input: PdpBaseInfoInput) { pdp_option_info(catalog_product_id: $catalog_product_id, input: $input) { catalog_product { id } } }", {
      catalog_product_id: id,
      input: { catalog_product_id: id, entry_source_type: "" },
    }),
    ask("GetPdpIntegratedData", "($catalog_product_id: ID!, $limit_count: Int, $order: UxReviewListOrderType) { pdp_size_info(catalog_product_id: $catalog_product_id) { item_list { value_list } } }", {
      catalog_product_id: id,
      limit_count: 5,
      order: "EXPERIENCE_GROUP_BEST_SCORE_DESC",
    }),
  ]);
  const product = options.pdp_option_info.catalog_product;
  main.replaceChildren(summary(product), ...tabs(details));
  root.append(...sheet(product));
}

const main = el("main", "", {}, el("div", "Product__Info", {}, el("h1", "Product__Name", {}, known.name)));
root.append(header(), el("img", "Product__Image", { src: known.product_image_list[0].pdp_thumbnail_url, alt: "" }), main);
load().catch((error) => {
  console.error(error);
  failed();
});
