// A category's list: fifty products a page, and links to the other pages.
"use strict";

const number = Number(state.page) || 1;

async function load() {
  const answer = await postJson(`${origins.display_bff_api}/api/v1/listing/items`, {
    pageType: "CATEGORY_PLP",
    sortType: state.sort || "RECOMMENDED",
    facets: categoryFacets(),
    pageRequest: { page: number, size: 50 },
  });
  const { list, pagination } = answer.data;
  if (!list.length) {
    root.append(el("p", "Page__None", { role: "status" }, "선택한 필터의 검색 결과가 없습니다."));
    return;
  }
  const pages = Math.ceil(pagination.totalCount / pagination.size);
  const links = Array.from({ length: pages }, (_, index) => {
    const query = new URLSearchParams({ ...state, page: index + 1 });
    return el("a", index + 1 === number ? "Page__Here" : "Page__Link", { href: `?${query}` }, String(index + 1));
  });
  root.append(el("ul", "Item__List", {}, ...list.map(card)), el("nav", "Page__Links", {}, ...links));
}

root.append(header(), el("h1", "Page__Title", {}, "카테고리"));
load().catch((error) => {
  console.error(error);
  failed();
});
