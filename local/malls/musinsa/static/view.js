// What Musinsa's pages share: the state that the server left in the document, and the header.
"use strict";

const app = JSON.parse(document.getElementById("__NEXT_DATA__").textContent);
const state = app.props.pageProps;
const { origins, classes } = app.runtimeConfig;
const root = document.getElementById("__next");

function header() {
  const menu = ["추천", "랭킹", "세일", "브랜드"].map((word) => el("span", "Header__Menu", {}, word));
  return el("header", "Header__Bar", {}, el("strong", "Header__Logo", {}, "MUSINSA 레플리카"), ...menu);
}
