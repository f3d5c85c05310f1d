// The review page: infinite scroll by cursor; bodies without separators, badges glued to options, long texts cut off.
"use strict";

const CUT = 110;
let cursor = null;

function text(review) {
  const box = el("p", "Review__Text");
  if (review.contents.length <= CUT) {
    box.append(review.contents);
    return box;
  }
  const more = el("span", "Review__More", { role: "button" }, "…더보기");
  more.addEventListener("click", () => box.replaceChildren(review.contents));
  box.append(review.contents.slice(0, CUT), more);
  return box;
}

function option(review) {
  const values = review.product_info.option_detail_list.map((one) => one.value).join(" / ");
  if (!values) return null;
  const badge = review.fulfillment_badge ? el("b", "Review__Badge", {}, review.fulfillment_badge.text) : null;
  return el("p", "Review__Option", {}, values, badge);
}

function body(review) {
  const parts = (review.reviewer.body_text || "").split(",").filter(Boolean);
  return parts.length ? el("p", "Review__Body", {}, ...parts.map((part) => el("span", "", {}, part))) : null;
}

function item(review) {
  const date = review.date_created === null ? "" : new Date(review.date_created + 9 * 3600000).toISOString().slice(0, 10).replaceAll("-", ".");
  const stars = review.rating === null ? "" : "★★★★★".slice(0, review.rating) + "☆☆☆☆☆".slice(review.rating);
  const answers = (review.attribute_list || []).map((one) => el("p", "Review__Answer", {}, `${one.question.category} `, el("b", "", {}, one.answer.label)));
  return el(
    "div",
    "Review__Item",
    {},
    el("p", "Review__Name", {}, review.reviewer.profile.nickname, el("span", "Review__Date", {}, date)),
    el("p", "Review__Stars", {}, stars),
    option(review),
    body(review),
    ...answers,
    text(review),
    ...review.attachment_list.map((one) => el("img", "Review__Photo", { src: one.thumbnail_url, alt: "", loading: "lazy" })),
  );
}

async function load() {
  const input = {
    product_id: state.product_id,
    order: "SCORE_DESC",
    body_filter: { my_body_filter_checked: false, similar_body_filter_checked: false, option_list: [], has_my_body_reviews: null },
    option_detail_list: [],
    topic_list: [],
    type_list: [],
    cursor: { end_cursor: cursor, limit_count: 20 },
  };
  const data = await ask("GetReviewSearchList", "($input: UxReviewSearchListInput!) { ux_review_search_list(input: $input) { total_count has_next end_cursor component_list { type } } }", { input }, true);
  const answer = data.ux_review_search_list;
  title.textContent = `리뷰 ${answer.total_count}`;
  list.append(...answer.component_list.filter((one) => one.type === "REVIEW_SEARCH_ITEM").map((one) => item(one.review)));
  if (!answer.total_count) notice("작성된 리뷰가 없습니다");
  cursor = answer.end_cursor;
  return answer.has_next;
}

const title = el("h1", "Review__Title", {}, "리뷰");
const list = el("section");
root.append(header(), title, list);
loadAtEnd(load, 600);
