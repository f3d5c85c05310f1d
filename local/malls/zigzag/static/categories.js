// The list of a category: rows of three cards, few of them in the document; each page is asked for with the mark that the
// answer before has given.
"use strict";

const ROW = 3;
const cards = [];
let layout = null;
let following = null;

function priceLine(price) {
  const rate = price.final_price_discount_rate ? el("b", "List__Rate", {}, `${price.final_price_discount_rate}%`) : null;
  return el("span", "List__Price", {}, rate, won(price.final_price));
}

function card(block) {
  const shown = block.product_card;
  return el(
    "div",
    "List__Card",
    {},
    el(
      "a",
      "",
      { href: `/catalog/products/${shown.product_id}` },
      el("img", "List__Image", { src: shown.product.image.normal, alt: "", loading: "lazy" }),
      el("span", "List__Shop", {}, shown.shop.name || "", block.ubl.server_log.ad_key ? el("i", "List__Ad", {}, "AD") : null),
      el("span", "List__Name", {}, shown.product.title),
      priceLine(shown.price),
      el("span", "List__More", {}, `★ ${shown.review.score || "-"} (${shown.review.count}) · ${shown.engagement.fomo.fomo_text}`),
    ),
  );
}

function frame(modules) {
  for (const { body } of modules) {
    if (body.type === "CATEGORY_TAB") {
      const tabs = body.depth_list[0].item_list;
      bar.replaceChildren(...tabs.map((tab) => el("span", tab.is_selected ? "List__Selected" : "List__Tab", {}, tab.text.text)));
    } else if (body.product_card_list) {
      carousel.replaceChildren(...body.product_card_list.map((block) => el("span", "Carousel__Card", {}, block.product_card.product.title)));
    }
  }
}

function take(modules) {
  const last = Math.floor(cards.length / ROW);
  following = null;
  for (const { meta, body } of modules) {
    if (body.product_card) cards.push(body.product_card);
    for (const action of meta.action_list) {
      if (action.type === "PAGINATION") following = action;
    }
  }
  list.resize(Math.ceil(cards.length / ROW));
  const begun = list.shown.get(last); // a page may end inside a row
  if (begun) list.fill(begun, last);
  if (!cards.length) notice("상품이 없습니다");
  return following !== null;
}

async function load() {
  if (layout === null) {
    const option = { category_id: state.category_id, page_id: "srp_clp_category" };
    const input = { page_key: "srp_clp_category", render_param_list: [{ type: "DEEPLINK_ENTRY", option }] };
    const { result } = await ask("GetCnvPage", "($input: CnvPageInput!) { result: cnv_page(input: $input) { ...CnvPageResult } }", { input }, true);
    frame(result.module_spec_list);
    layout = result.layout_id;
    return take(result.module_spec_list);
  }
  const action = { action_id: crypto.randomUUID ? crypto.randomUUID() : `${Math.random()}`, type: following.type, target: following.target, option: following.option };
  const { result } = await ask(
    "GetCnvPageAction",
    "($layout_id: ID!, $input_list: [CnvPageActionInput!]!) { result: cnv_page_action(layout_id: $layout_id, input_list: $input_list) { layout_id } }",
    { layout_id: layout, input_list: [action] },
    true,
  );
  return take(result.module_spec_update_list.flatMap((update) => update.module_spec_list));
}

const bar = el("nav", "List__Tabs");
const carousel = el("div", "Carousel__Box");
root.append(header(), el("h1", "List__Title", {}, state.title), bar, carousel);
const list = new RecycledList(root, 12, () => 320, (node, index) => {
  node.setAttribute("data-index", index);
  node.replaceChildren(el("div", "List__Row", {}, ...cards.slice(index * ROW, index * ROW + ROW).map(card)));
});
loadAtEnd(load, 900);
