// The evidence of one task. Everything that can be chosen here (rollout, tab, criterion) changes without a rerun.
const instances = new WeakMap()
const TABS = ["criteria", "reference", "requests", "source"]
const TAB_NAMES = { criteria: "Criteria", reference: "Reference", requests: "Requests", source: "Source" }
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

class Evidence {
  constructor(root) {
    this.root = root
    this.task = null
    this.keydown = event => this.onKey(event)
    document.addEventListener("keydown", this.keydown)
  }

  update(data, trigger) {
    this.trigger = trigger
    const drawn = JSON.stringify(data)
    if (drawn === this.drawn) return
    this.drawn = drawn
    this.data = data
    if (data.task !== this.task) {
      this.task = data.task
      this.rollout = { weak: 0, strong: 0 }
      this.criterion = data.criteria.length ? data.criteria[0].id : null
      if (!this.tabs().includes(this.tab)) this.tab = this.tabs()[0]
    }
    this.root.style.setProperty("--evidence-height", data.height)
    this.draw()
  }

  // A task without a rubric is graded against its reference: there are no criteria to show.
  tabs() {
    return this.data.criteria.length ? TABS : TABS.slice(1)
  }

  ask(what) {
    this.trigger("asked", { task: this.data.own, what })
  }

  draw() {
    const focus = this.root.getRootNode().activeElement?.dataset?.name
    const kept = [...this.root.querySelectorAll("[data-scroll]")].map(e => [e.dataset.scroll, e.scrollTop])
    this.root.replaceChildren(make("div", { class: "sides" },
      this.drawSide("weak"), this.drawSide("strong"), this.drawEvidence()))
    for (const [name, top] of kept) {
      const element = this.root.querySelector(`[data-scroll="${CSS.escape(name)}"]`)
      if (element) element.scrollTop = top
    }
    if (focus) this.root.querySelector(`[data-name="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true })
  }

  drawSide(solver) {
    const answers = this.data.sides[solver]
    const at = Math.min(this.rollout[solver], Math.max(0, answers.length - 1))
    const answer = answers[at]
    const pills = answers.map((each, index) => make("button", {
      class: "pill" + (index === at ? " on" : "") + (each.purpose ? " other" : ""),
      "data-name": `pill:${solver}:${index}`, "aria-pressed": String(index === at), type: "button",
      "aria-label": `${SIDE_NAMES[solver]} rollout ${each.index}${each.purpose ? ", " + each.purpose : ""}, score ${each.score}`,
      onclick: () => { this.rollout[solver] = index; this.draw() },
    }, each.purpose || String(each.index), make("b", {}, each.score)))
    const info = make("span", { class: "info" })
    if (answer?.warning) info.append(make("span", { class: "alarm" }, answer.warning), ", ")
    if (answer) info.append(answer.info)
    return make("div", { class: `side ${solver[0]}` },
      make("div", { class: "bar-top" },
        make("span", { class: solver === "weak" ? "ring" : "disc" }),
        make("span", { class: "name" }, SIDE_NAMES[solver]),
        make("div", { class: "pills" }, ...pills), info),
      this.drawAnswer(solver, answer, answers.length, at))
  }

  drawAnswer(solver, answer, count, at) {
    const label = answer
      ? `${SIDE_NAMES[solver]} answer, rollout ${at + 1} of ${count}, score ${answer.score}`
      : `${SIDE_NAMES[solver]} answer`
    const box = make("div", {
      class: "answer", tabindex: "0", role: "region", "aria-label": label,
      "data-scroll": `${this.task}:${solver}:${at}`, "data-name": `answer:${solver}`,
    })
    if (!answer) {
      box.append(make("p", { class: "none" }, solver === "weak" ? this.data.missing.words : this.data.missing.brief))
      if (this.data.missing.quote && solver === "weak") box.append(make("div", { class: "serif words", dir: "auto" }, this.data.missing.quote))
      return box
    }
    const words = make("div", { class: "serif words", dir: "auto" })
    for (const [text, ids] of answer.pieces) {
      if (!ids.length) { words.append(text); continue }
      const lit = ids.includes(this.criterion)
      words.append(make("span", {
        class: lit ? "quoted lit" : "quoted", title: this.nameCriteria(ids),
        onclick: () => this.choose(ids.includes(this.criterion) ? ids[(ids.indexOf(this.criterion) + 1) % ids.length] : ids[0]),
      }, text))
    }
    box.append(words)
    if (!answer.pieces.some(([text]) => text)) box.append(make("p", { class: "none" }, answer.note || "The answer is empty."))
    if (answer.left_out) box.append(this.drawMore(answer))
    return box
  }

  drawMore(text) {
    return make("button", { class: "more", type: "button", "data-name": `more:${text.name}`,
      onclick: () => this.ask(`whole:${text.name}`) }, text.left_out)
  }

  nameCriteria(ids) {
    return ids.map(id => this.data.criteria.find(c => c.id === id)?.text || id).join("\n")
  }

  choose(id) {
    this.criterion = id
    this.tab = "criteria"
    this.draw()
    this.root.querySelector("tr.on")?.scrollIntoView({ block: "nearest" })
    for (const mark of this.root.querySelectorAll(".answer")) {
      mark.querySelector(".lit")?.scrollIntoView({ block: "nearest" })
    }
  }

  drawEvidence() {
    const tabs = this.tabs().map(name => make("button", {
      class: name === this.tab ? "tab on" : "tab", type: "button", role: "tab", "data-name": `tab:${name}`,
      "aria-selected": String(name === this.tab), onclick: () => { this.tab = name; this.draw() },
    }, TAB_NAMES[name]))
    const formula = this.tab === "criteria" ? make("span", { class: "formula" }, this.data.formula) : null
    const panels = { criteria: () => this.drawCriteria(), reference: () => this.drawReference(),
      requests: () => this.drawRequests(), source: () => this.drawSource() }
    return make("div", { class: "side e" },
      make("div", { class: "tabs", role: "tablist" }, ...tabs, formula),
      make("div", { class: "panel", role: "tabpanel" }, ...panels[this.tab]()))
  }

  drawCriteria() {
    const { criteria, sums, sides } = this.data
    if (!criteria.length) return [make("div", { class: "prose" }, make("p", { class: "none" }, "No rubric was recorded."))]
    const pip = Math.max(38, 12 * Math.max(1, sides.weak.length) + 8)
    const pips = Math.max(42, 12 * Math.max(1, sides.strong.length) + 8)
    const widths = `auto 34px ${pip}px ${pips}px 76px 62px`.split(" ")
    const head = make("tr", {}, ...["Criterion", "Wt", "Weak", "Strong", "Share of gap", ""].map((name, at) =>
      make("th", { style: widths[at] === "auto" ? null : `width:${widths[at]}`, class: at === 1 ? "num" : null }, name)))
    const rows = criteria.map(each => make("tr", {
      class: each.id === this.criterion ? "on" : null, tabindex: "0", "aria-label": each.label, title: each.text,
      "data-name": `row:${each.id}`, onclick: () => this.choose(each.id),
      onkeydown: event => {
        if (event.key !== "Enter" && event.key !== " ") return
        event.preventDefault()
        this.choose(each.id)
      },
    },
      make("td", {}, make("div", { class: "text", dir: "auto" }, ...this.drawSpans(each.spans))),
      make("td", { class: "num muted" }, each.weight),
      make("td", {}, this.drawPips("weak", each.weak)), make("td", {}, this.drawPips("strong", each.strong)),
      make("td", {}, this.drawShare(each)),
      make("td", { class: "value" + (each.big ? " alarm strong-text" : "") + (each.share === "0" ? " muted" : "") },
        each.share, each.part ? make("span", { class: "tiny" }, each.part) : null)))
    const columns = `grid-template-columns:1fr ${widths.slice(1).join(" ")}`
    const line = (name, quiet, weak, strong, value) => make("div", { class: quiet ? "sums quiet" : "sums", style: columns },
      make("span", { style: "padding-left:10px" }, name), make("span"), make("span", { style: "padding-left:6px" }, weak),
      make("span", { style: "padding-left:6px" }, strong), make("span"),
      make("span", { class: "num", style: "padding-right:8px" }, value))
    return [
      make("div", { class: "scroll", "data-scroll": `${this.task}:criteria` },
        make("table", { class: "criteria" }, make("thead", {}, head), make("tbody", {}, ...rows))),
      make("div", { class: "foot" }, line("Gap", false, sums.weak, sums.strong, sums.gap),
        sums.clipped ? line("Scores clipped at 0 and 1", true, "", "", sums.clipped) : null,
        line("Without its largest criterion", true, "", "", sums.without)),
      this.drawQuotes(criteria.find(c => c.id === this.criterion) || criteria[0]),
    ]
  }

  drawSpans(spans) {
    const tags = { gone: "del", new: "ins", box: "span" }
    return spans.map(([kind, text]) => kind === "same" ? text : make(tags[kind], {}, text))
  }

  drawShare(row) {
    const share = make("div", { class: row.big ? "share big" : "share" })
    const some = this.data.criteria.some(c => c.length < 0)
    const zero = some ? 30 : 4
    const reach = row.length < 0 ? zero : 100 - zero
    const from = row.length < 0 ? zero + reach * row.length : zero
    share.append(make("i", { style: `left:${from}%;width:${reach * Math.abs(row.length)}%` }),
      make("i", { class: "axis", style: `left:${zero}%` }))
    return share
  }

  drawPips(solver, verdicts) {
    const at = this.rollout[solver]
    return make("span", { class: `pips ${solver[0]}` }, ...verdicts.map((verdict, index) => {
      const met = verdict.met
      const kind = met === null ? "unjudged" : met >= 1 ? "met" : met > 0 ? "part" : ""
      const word = met === null ? "not judged" : met >= 1 ? "met" : met > 0 ? `met ${met}` : "not met"
      return make("span", { class: `pip ${kind}${index === at && verdicts.length > 1 ? " now" : ""}`,
        title: `${solver}, rollout ${index + 1}: ${word}`, role: "img", "aria-label": `rollout ${index + 1} ${word}` })
    }))
  }

  drawQuotes(row) {
    const lines = ["weak", "strong"].map(solver => {
      const verdict = row[solver][this.rollout[solver]]
      const met = verdict ? verdict.met : null
      const word = met === null || met === undefined ? "not judged" : met >= 1 ? "met" : met > 0 ? `met ${met}` : "not met"
      let words = make("span", { class: "muted" }, "no words quoted")
      if (verdict?.quote) {
        words = make("span", { class: "serif", dir: "auto" }, `“${verdict.quote}”`)
        if (!verdict.found) words.append(make("span", { class: "muted small" }, "  not in the answer word for word"))
      }
      return make("div", {}, make("span", { class: solver === "weak" ? "ring" : "disc" }),
        make("span", { class: "muted small" }, word), words)
    })
    return make("div", { class: "quotes", "aria-live": "polite" }, ...lines)
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
      make("div", { class: "label" }, `Source passage: ${title}${place}`),
      this.drawText(passage, "The source's text was not recorded."))]
  }

  drawText(text, absent) {
    if (!text.text) return make("p", { class: "none" }, absent)
    return make("div", {}, make("div", { class: "serif", dir: "auto" }, text.text), text.left_out ? this.drawMore(text) : null)
  }

  drawRequests() {
    const { parity, words, heads, rows, whole } = this.data.requests
    const broken = parity === "differs"
    const some = heads.some(head => head.sha) || rows.length
    const toggle = some ? make("button", { class: "tab", type: "button", "data-name": "fold",
      onclick: () => this.ask(whole ? "folded:requests" : "whole:requests") },
      whole ? "Differences only" : "Whole request") : null
    const line = make("div", { class: "verdictline" },
      make("span", { class: broken ? "alarm strong-text" : "" }, words), toggle)
    if (!some) return [line]
    const spans = parts => parts.map(([kind, text]) => kind === "same" ? text
      : make(kind === "box" ? "span" : "b", { class: kind === "box" ? "hiddenchar" : null }, text))
    const cell = (number, parts) => number === null ? make("div", { class: "lost" }, "")
      : make("div", {}, make("span", { class: "no" }, String(number)), make("span", { class: "code" }, ...spans(parts)))
    const body = rows.map(row => typeof row === "number"
      ? make("div", { class: "fold" }, `${row.toLocaleString("en")} identical ${row === 1 ? "line" : "lines"}`)
      : make("div", { class: `pair ${row[0]}` }, cell(row[1], row[2]), cell(row[3], row[4])))
    return [line, make("div", { class: "scroll requests", tabindex: "0", "data-scroll": `${this.task}:requests` },
      make("div", { class: "heads" }, ...heads.map(head => make("div", {},
        make("b", {}, SIDE_NAMES[head.solver]), ` ${head.model} `,
        head.sha ? make("code", {}, `sha ${head.sha}`) : "not recorded"))), ...body)]
  }

  onKey(event) {
    if (event.repeat || event.isComposing || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return
    if (!this.root.isConnected || document.querySelector("[data-testid=stDialog]")) return
    const target = event.composedPath()[0]
    if (target instanceof Element && target.closest("input, textarea, select, [contenteditable=true], [contenteditable='']")) return
    const key = event.key
    const asks = { j: "next", k: "previous", "[": "earlier", "]": "later", "?": "keys", q: "context" }
    if (/^[1-9]$/.test(key)) {
      if (this.data.reasons) return
      for (const solver of ["weak", "strong"]) {
        if (Number(key) <= this.data.sides[solver].length) this.rollout[solver] = Number(key) - 1
      }
      this.draw()
    } else if (key === "e") {
      this.tab = this.tabs()[(this.tabs().indexOf(this.tab) + 1) % this.tabs().length]
      this.draw()
    } else if (key === "Enter" && this.data.reasons) {
      if (target instanceof Element && target.closest("button, a, [role=button], [tabindex='0']")) return
      this.ask("commit")
    } else if (key in asks) {
      event.preventDefault()
      this.ask(asks[key])
    }
  }
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const root = parentElement.querySelector(".evidence")
  if (!instances.has(root)) instances.set(root, new Evidence(root))
  const evidence = instances.get(root)
  evidence.update(data, setTriggerValue)
  return () => {
    document.removeEventListener("keydown", evidence.keydown)
    instances.delete(root)
  }
}
