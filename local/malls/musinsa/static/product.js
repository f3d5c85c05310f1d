// The product page: what the server knew is in the document; options, stock and the size chart come as JSON.
"use strict";

const product = state.meta.data;
const detail = `${origins["goods-detail"]}/api2/goods/${product.goodsNo}`;

function summary() {
  const price = product.goodsPrice;
  const path = product.baseCategoryFullPath || "";
  const stars = product.goodsReview.satisfactionScore;
  const score = stars === null ? "" : `★ ${stars} · `;
  return el(
    "div",
    "Product__Info",
    {},
    el("p", "Product__Path", {}, path),
    el("p", "Product__Brand", {}, product.brandInfo ? product.brandInfo.brandName : ""),
    el("h1", "Product__Name", {}, product.goodsNm),
    el("a", "Product__Reviews", { href: `/review/goods/${product.goodsNo}?sort=up_cnt_desc` }, `${score}후기 ${product.goodsReview.totalCount}개`),
    price && price.normalPrice > price.finalPrice ? el("s", "Product__Normal", {}, won(price.normalPrice)) : null,
    el("p", "Product__Price", {}, price ? won(price.finalPrice) : ""),
  );
}

// One drop-down an axis; choosing in the first opens the second.
function dropDowns(options, soldOut) {
  const sheet = el("div", "Option__Sheet", { hidden: "" });
  const chosen = [];
  const lists = options.basic.map((axis, place) => {
    const items = axis.optionValues.map((value) => {
      const gone = options.basic.length === 1 && soldOut.has(value.no);
      const item = el("li", "Option__Value", { "data-option-no": value.no }, value.name + (gone ? " (품절)" : ""));
      item.addEventListener("click", () => {
        chosen[place] = value.name;
        if (lists[place + 1]) lists[place + 1].removeAttribute("hidden");
        else notice(`선택: ${chosen.join("/")}`);
      });
      return item;
    });
    const title = el("p", "Option__Title", {}, axis.name);
    const list = el("ul", "Option__List", place ? { hidden: "" } : {}, ...items);
    sheet.append(title, list);
    return list;
  });
  const button = el("button", "Product__Buy", { type: "button" }, "구매하기");
  button.addEventListener("click", () => sheet.toggleAttribute("hidden"));
  return [button, sheet];
}

function chart(sizes) {
  if (!sizes.length) return el("p", "Chart__None", {}, "실측 사이즈 정보가 없습니다");
  const cells = (size) => size.items || size.values || size.actual_size || [];
  const head = el("tr", "", {}, el("th", "", {}, "cm"), ...cells(sizes[0]).map((cell) => el("th", "", {}, cell.name)));
  const rows = sizes.map((size) => el("tr", "", {}, el("th", "", {}, size.name), ...cells(size).map((cell) => el("td", "", {}, cell.value === null ? "-" : String(cell.value)))));
  return el("table", "Chart__Table", {}, head, ...rows);
}

async function stock(options) {
  const numbers = options.basic.flatMap((axis) => axis.optionValues.map((value) => value.no));
  if (!numbers.length) return new Set();
  const answer = await getJson(`${detail}/options/v2/prioritized-inventories`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ optionValueNos: numbers }),
  });
  const gone = new Set(answer.data.filter((item) => item.outOfStock).map((item) => item.productVariantId));
  return new Set(options.optionItems.filter((item) => gone.has(item.no)).flatMap((item) => item.optionValueNos));
}

async function load(info, below) {
  const options = (await getJson(`${detail}/options?goodsSaleType=SALE&optKindCd=CLOTHES`)).data;
  info.append(...dropDowns(options, await stock(options)));
  const sizes = (await getJson(`${detail}/actual-size`)).data.sizes;
  below.append(el("h2", "Chart__Title", {}, "사이즈 정보"), chart(sizes));
}

const info = summary();
const below = el("section", "Chart__Box");
const picture = el("img", "Product__Image", { src: origins.image + product.thumbnailImageUrl, alt: "" });
root.append(header(), el("main", "Product__Main", {}, picture, info), below);
load(info, below).catch((error) => {
  console.error(error);
  failed();
});
