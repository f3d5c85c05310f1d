// What 29CM's pages share: the state from the rows that the server pushed, and the header.
"use strict";

const pushed = self.__next_f.filter((part) => part[0] === 1).map((part) => part[1]);
const values = pushed
  .join("")
  .split("\n")
  .map((line) => line.slice(line.indexOf(":") + 1))
  .filter((text) => text.startsWith("["))
  .map((text) => JSON.parse(text));
const { origins, classes } = values.map((row) => row[0][3]).find((props) => props && props.classes);
const { state } = values.map((row) => row[3]).find((props) => props && props.state);
const root = document.getElementById("root");

function header() {
  const menu = ["BEST", "WOMEN", "MEN", "SALE"].map((word) => el("span", "Header__Menu", {}, word));
  return el("header", "Header__Bar", {}, el("strong", "Header__Logo", {}, "29CM 레플리카"), ...menu);
}

async function postJson(url, body) {
  return getJson(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

function categoryFacets() {
  if (!state.categoryLargeCode) return {};
  const facet = { largeId: Number(state.categoryLargeCode) };
  if (state.categoryMediumCode) facet.middleId = Number(state.categoryMediumCode);
  if (state.categorySmallCode) facet.smallId = Number(state.categorySmallCode);
  return { categoryFacetInputs: [facet] };
}

// A card: two links to one product, a price without a currency, colour chips as a nested list.
function card(entry) {
  const info = entry.itemInfo;
  const link = entry.itemUrl.webLink;
  const sale = info.saleRate ? `${Math.round(info.saleRate)}% | ` : "";
  const picture = el("img", "Item__Image", { src: info.thumbnailUrl, alt: "", loading: "lazy" });
  return el(
    "li",
    "Item__Card",
    {},
    el("a", "Item__Thumb", { href: link }, picture),
    el("p", "Item__Brand", {}, info.brandName || ""),
    el("a", "Item__Name", { href: link }, info.productName),
    el("p", "Item__Price", {}, `${sale}${info.displayPrice.toLocaleString("ko-KR")}`),
    el("ul", "Item__Chips", {}, el("li", "Item__Chip", {}), el("li", "Item__Chip", {})),
    info.isSoldOut ? el("p", "Item__Gone", {}, "SOLD OUT") : null,
    entry.itemEvent.eventProperties.isAd ? el("p", "Item__Ad", {}, "AD") : null,
  );
}
