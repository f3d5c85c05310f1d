// The ranking: nothing of it is in the document; more is POSTed for whenever the end of the page comes near.
"use strict";

const ages = { 10: "TEENAGER", 20: "TWENTIES", 30: "THIRTIES", 40: "FORTIES", 50: "FIFTIES" };
const list = el("ul", "Item__List");
let page = 0;
let place = 0;

async function load() {
  const answer = await postJson(`${origins.display_bff_api}/api/v1/plp/best/items`, {
    pageRequest: { page: page + 1, size: 100 },
    userSegment: { gender: state.gender || "ALL", age: ages[state.age] || "ALL" },
    facets: {
      ...categoryFacets(),
      periodFacetInput: { type: state.period || "HOURLY", order: "DESC" },
      rankingFacetInput: { type: state.ranking || "POPULARITY" },
    },
  });
  page += 1;
  for (const entry of answer.data.list) {
    place += 1;
    const shown = card(entry);
    shown.prepend(el("b", "Item__Place", {}, String(place)));
    list.append(shown);
  }
  if (!place) notice("상품이 없습니다.");
  return answer.data.pagination.hasNext;
}

root.append(header(), el("h1", "Page__Title", {}, "베스트"), list);
loadAtEnd(load, 900);
