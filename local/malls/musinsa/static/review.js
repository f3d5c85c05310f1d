// The review page: infinite scroll, a small pool of recycled nodes, long texts cut off until 더보기 is clicked.
"use strict";

const goods = `${origins.goods}/api2/review`;
const reviews = [];
const heights = [];
const opened = new Set();
let page = 0;

const CUT = 120;

function optionRow(label, value) {
  if (!value) return null;
  return el("div", "OptionRow__Container", {}, el("span", "OptionRow__Label", {}, label), el("span", "OptionRow__Value", {}, value));
}

function body(profile) {
  const parts = [profile.reviewSex];
  if (profile.userHeight !== null) parts.push(typeof profile.userHeight === "number" ? `${profile.userHeight}cm` : profile.userHeight);
  if (profile.userWeight !== null) parts.push(typeof profile.userWeight === "number" ? `${profile.userWeight}kg` : profile.userWeight);
  return parts.filter(Boolean).join(" · ");
}

function answers(survey) {
  if (!survey) return "";
  const short = { "화면 대비 색감": "색감" };
  return survey.questions.map((one) => `${short[one.attribute] || one.attribute} ${one.answers[0].answerShortText}`).join(" · ");
}

function text(review, index, node) {
  const isLong = review.content.length > CUT && !opened.has(review.no);
  const shown = isLong ? `${review.content.slice(0, CUT)}…` : review.content;
  const box = el("div", "ExpandableContent__Box", {}, el("p", "ExpandableContent__Text", {}, shown));
  if (isLong) {
    const button = el("button", "ExpandableContent__More", { type: "button" }, "더보기");
    button.addEventListener("click", () => {
      opened.add(review.no);
      fill(node, index);
    });
    box.append(button);
  }
  return box;
}

function fill(node, index) {
  const review = reviews[index];
  const date = review.createDate ? review.createDate.slice(2, 10).replaceAll("-", ".") : "";
  const stars = review.grade === null ? "" : "★★★★★".slice(0, Number(review.grade)) + "☆☆☆☆☆".slice(Number(review.grade));
  const item = el(
    "div",
    "gtm-impression-content",
    { "data-content-id": review.no, "data-index": index },
    el("p", "Review__Head", {}, el("span", "UserInfo__Nickname", {}, review.userProfileInfo.userNickName), el("span", "UserInfo__PurchaseDate", {}, date)),
    el("p", "StarsScore__Stars", {}, stars),
    optionRow("구매옵션", review.goodsOption),
    optionRow("체형정보", body(review.userProfileInfo)),
    optionRow("만족도", answers(review.reviewSurveySatisfaction)),
    text(review, index, node),
    review.images.length
      ? el("div", "ExpandableImageGroup__Box", {}, ...review.images.map((image) => el("img", "ExpandableImageGroup__Image", { src: origins.image + image.imageUrl, alt: "", loading: "lazy" })))
      : null,
    el("button", "HelpButton__Button", { type: "button" }, `도움돼요 ${review.likeCount}`),
  );
  node.replaceChildren(item);
  const measured = node.offsetHeight;
  if (measured && measured !== heights[index]) {
    heights[index] = measured;
    list.measure(index);
  }
}

async function siblings() {
  const answer = await getJson(`${goods}/v2/view/similar-list?goodsNo=${state.goodsNo}`);
  if (answer.data.length < 2) return;
  const chips = answer.data.map((one) => el("a", "Sibling__Chip", { href: `/products/${one.goodsNo}` }, one.goodsName));
  bar.append(...chips);
}

async function load() {
  const query = new URLSearchParams({
    page,
    pageSize: 20,
    goodsNo: state.goodsNo,
    sort: state.sort,
    selectedSimilarNo: state.goodsNo,
    myFilter: false,
    hasPhoto: false,
    isExperience: false,
  });
  const answer = await getJson(`${goods}/v1/view/list?${query}`);
  page += 1;
  title.textContent = `후기 ${answer.data.total}`;
  for (const review of answer.data.list) {
    reviews.push(review);
    heights.push(240);
  }
  list.resize(reviews.length);
  if (!reviews.length) notice("작성된 후기가 없습니다");
  return answer.data.list.length > 0; // totalPages promises too much: only an empty list is the end
}

const title = el("h1", "Review__Title", {}, "후기");
const bar = el("nav", "Sibling__Bar");
root.append(header(), title, bar);
const list = new RecycledList(root, 14, (index) => heights[index], fill);
siblings().catch((error) => console.error(error));
loadAtEnd(load, 600);
