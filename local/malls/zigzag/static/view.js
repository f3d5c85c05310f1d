// What Zigzag's pages share: the state that the server left in the document, the header, and GraphQL.
"use strict";

const app = JSON.parse(document.getElementById("__NEXT_DATA__").textContent);
const state = app.props.pageProps;
const { origins, classes } = app.runtimeConfig;
const root = document.getElementById("__next");

function header() {
  const menu = ["홈", "브랜드", "베스트", "찜"].map((word) => el("span", "Header__Menu", {}, word));
  return el("header", "Header__Bar", {}, el("strong", "Header__Logo", {}, "ZIGZAG 레플리카"), ...menu);
}

// One operation, alone or as a batch of one. GraphQL's errors come with status 200.
async function ask(operation, signature, variables, batch) {
  const asked = { operationName: operation, variables, query: `query ${operation}${signature}` };
  const answer = await getJson(`${origins.api}/api/2/graphql/${batch ? "batch/" : ""}${operation}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(batch ? [asked] : asked),
  });
  const { data, errors } = batch ? answer[0] : answer;
  if (errors) throw new Error(`${operation}: ${errors[0].message}`);
  return data;
}
