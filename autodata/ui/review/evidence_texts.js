// Elements of the evidence, and its panels that only show texts: reference, source, requests side by side.
const SIDE_NAMES = { weak: "Weak", strong: "Strong" }

function make(tag, attributes, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue
    if (name === "onclick") element.onclick = value
    else if (name === "onkeydown") element.onkeydown = value
    else element.setAttribute(name, value)
  }
  for (const child of children) {
    if (child === null || child === undefined) continue
    element.append(child)
  }
  return element
}

// What the panels of texts share: `data`, `task` and `ask` come from the class that extends it.
class EvidenceTexts {
  drawMore(text) {
    return make("button", { class: "more", type: "button", "data-name": `more:${text.name}`,
      onclick: () => this.ask(`whole:${text.name}`) }, text.left_out)
  }

  // What a model thought before it answered is often longer than the answer: folded, and sent only when asked for.
  drawReasoning({ name, text, words }) {
    return make("div", { class: "reasoning" },
      make("button", { class: "unfold", type: "button", "data-name": name, "aria-expanded": String(!!text),
        onclick: () => this.ask(`${text ? "folded" : "whole"}:${name}`) }, `${text ? "Hide" : "Show"} its reasoning, ${words}`),
      text ? make("div", { class: "serif words", dir: "auto" }, text) : null)
  }

  drawReference() {
    return [make("div", { class: "scroll prose", tabindex: "0", "data-scroll": `${this.task}:reference` },
      this.drawText(this.data.reference, "No reference answer was recorded."))]
  }

  drawSource() {
    const { title, where, passage, context } = this.data.source
    const place = where && where !== title ? `, ${where}` : ""
    return [make("div", { class: "scroll prose", tabindex: "0", "data-scroll": `${this.task}:source` },
      make("div", { class: "label" }, "Context of the task"), this.drawText(context, "This task has no context."),
      make("div", { class: "label" }, `Source passage: ${title}${place}`,
        passage.used ? make("span", { class: "usednote" }, passage.used) : null),
      this.drawText(passage, "The source's text was not recorded."))]
  }

  drawText(text, absent) {
    if (!text.text) return make("p", { class: "none" }, absent)
    const words = text.pieces ? text.pieces.map(([piece, kind]) => kind ? make("span", { class: kind }, piece) : piece) : [text.text]
    return make("div", {}, make("div", { class: "serif", dir: "auto" }, ...words), text.left_out ? this.drawMore(text) : null)
  }

  drawRequests() {
    const { parity, words, heads, rows, whole } = this.data.requests
    const broken = parity === "differs"
    const some = heads.some(head => head.sha) || rows.length
    const toggle = some ? make("button", { class: "tab", type: "button", "data-name": "fold",
      onclick: () => this.ask(whole ? "folded:requests" : "whole:requests") },
      whole ? "Differences only" : "Whole request") : null
    const line = make("div", { class: broken ? "verdictline broken" : "verdictline" },
      make("span", { class: broken ? "alarm strong-text" : "" }, words), toggle)
    if (!some) return [line]
    const spans = parts => parts.map(([kind, text]) => kind === "same" ? text
      : make(kind === "box" ? "span" : "b", { class: kind === "box" ? "hiddenchar" : null }, text))
    const cell = (number, parts) => number === null ? make("div", { class: "lost" }, "")
      : make("div", {}, make("span", { class: "no" }, String(number)), make("span", { class: "code" }, ...spans(parts)))
    const body = rows.map(row => typeof row === "number"
      ? make("div", { class: "fold" }, `${row.toLocaleString("en")} identical ${row === 1 ? "line" : "lines"}`)
      : make("div", { class: `pair ${row[0]}` }, cell(row[1], row[2]), cell(row[3], row[4])))
    return [line, make("div", { class: whole ? "scroll requests" : "scroll requests folded", tabindex: "0", "data-scroll": `${this.task}:requests` },
      make("div", { class: "heads" }, ...heads.map(head => make("div", {},
        make("b", {}, SIDE_NAMES[head.solver]), ` ${head.model} `,
        head.sha ? make("code", {}, `sha ${head.sha}`) : "not recorded"))), ...body)]
  }
}
