// What the pages of every replica share: elements, JSON, notices, a list that recycles its nodes, loading at the end. It
// is served behind a mall's own view.js, which says what `root` and `classes` are.

function el(tag, className, attributes, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = classes[className] || className;
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

async function getJson(url, options) {
  const response = await fetch(url, options);
  if (!response.ok) throw new Error(`${response.status} ${url}`);
  return response.json();
}

function notice(text) {
  const found = document.querySelector("[role=status]");
  if (found) found.textContent = text;
  else root.append(el("p", "Notice__Text", { role: "status" }, text));
}

function failed() {
  notice("일시적인 오류가 발생했습니다. 잠시 후 다시 시도해 주세요.");
  document.querySelector("[role=status]").dataset.failed = "true";
}

const won = (price) => (price === null || price === undefined ? "" : `${price.toLocaleString("ko-KR")}원`);

// A list of any length in a fixed pool of nodes. `height(index)` is the known or guessed height of a row; `fill(node,
// index)` shows a row in a recycled node and may answer its measured height.
class RecycledList {
  constructor(parent, pool, height, fill) {
    this.box = el("div", "Recycled__Box");
    parent.append(this.box);
    this.height = height;
    this.fill = fill;
    this.count = 0;
    this.shown = new Map();
    this.pool = pool;
    this.free = [];
    this.tops = [0];
    let waiting = false;
    const later = () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        this.draw();
      });
    };
    addEventListener("scroll", later, { passive: true });
    addEventListener("resize", later);
  }

  resize(count) {
    this.count = count;
    this.measure(Math.max(0, this.tops.length - 1));
    this.draw();
  }

  measure(from) {
    this.tops.length = Math.max(1, from + 1);
    for (let index = from; index < this.count; index++) this.tops[index + 1] = this.tops[index] + this.height(index);
    this.box.style.height = `${this.tops[this.count]}px`;
  }

  draw() {
    const above = scrollY - this.box.offsetTop - innerHeight / 2;
    let first = 0;
    while (first < this.count - 1 && this.tops[first + 1] < above) first++;
    first = Math.max(0, Math.min(first, this.count - this.pool));
    const last = Math.min(this.count, first + this.pool);
    for (const [index, node] of this.shown) {
      if (index < first || index >= last) {
        this.shown.delete(index);
        this.free.push(node);
      }
    }
    for (let index = first; index < last; index++) {
      let node = this.shown.get(index);
      if (!node) {
        node = this.free.pop();
        if (!node) {
          node = el("div", "Recycled__Row");
          this.box.append(node);
        }
        node.style.display = "";
        this.shown.set(index, node);
        this.fill(node, index);
      }
      node.style.transform = `translateY(${this.tops[index]}px)`;
    }
    for (const node of this.free) node.style.display = "none";
  }
}

// Calls `load` whenever the end of the page comes near, one call at a time, until it answers false. After a failure the
// next scroll tries again.
function loadAtEnd(load, margin) {
  const sentinel = el("div", "Recycled__End", { "aria-hidden": "true" });
  root.append(sentinel);
  let busy = false;
  const watcher = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && next(), {
    rootMargin: `0px 0px ${margin}px 0px`,
  });
  const watch = () => {
    watcher.unobserve(sentinel);
    watcher.observe(sentinel);
  };
  async function next() {
    if (busy) return;
    busy = true;
    try {
      const more = await load();
      document.querySelector("[role=status][data-failed]")?.remove();
      if (more) setTimeout(watch, 0);
      else watcher.disconnect();
    } catch (error) {
      console.error(error);
      failed();
      watcher.unobserve(sentinel);
      addEventListener("scroll", watch, { once: true, passive: true });
    } finally {
      busy = false;
    }
  }
  watch();
}
