// The evidence of one task. Everything that can be chosen here (rollout, tab, criterion) changes without a rerun.
const instances = new WeakMap()
const TABS = ["criteria", "reference", "requests", "source", "audit", "comments"]
const TAB_NAMES = { criteria: "Criteria", reference: "Reference", requests: "Requests", source: "Source", audit: "Audit", comments: "Comments" }

class Evidence extends EvidenceTexts {
  constructor(root) {
    super()
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
      this.openTab(data.first)
    }
    if (!data.fresh.some(each => each.arm === this.arm)) this.arm = data.fresh[0]?.arm
    this.root.style.setProperty("--evidence-height", data.height)
    this.draw()
    const changed = this.tab === "requests" && this.root.querySelector(".pair.changed b")
    if (data.first && changed) this.centre(changed)
  }

  // A task without a rubric is graded against its reference: there are no criteria to show.
  tabs() {
    return this.data.criteria.length ? TABS : TABS.slice(1)
  }

  // Proof is seen first; the tab that was open comes back with the next task.
  openTab(first) {
    if (first && !this.kept) this.kept = this.tab || this.tabs()[0]
    if (!first && this.kept) [this.tab, this.kept] = [this.kept, null]
    if (first) this.tab = first
    if (!this.tabs().includes(this.tab)) this.tab = this.tabs()[0]
  }

  // Within its own box: scrollIntoView would move the page as well.
  centre(element) {
    const box = element.closest(".scroll"), inner = element.getBoundingClientRect(), outer = box.getBoundingClientRect()
    box.scrollTop += inner.top - outer.top - (outer.height - inner.height) / 2
  }

  chooseTab(name) {
    this.tab = name
    this.kept = null
    this.draw()
  }

  // Recorded answers, then the fresh ones of the chosen arm.
  answers(solver) {
    return [...this.data.sides[solver], ...(this.data.fresh.find(each => each.arm === this.arm)?.[solver] || [])]
  }

  chooseArm(arm) {
    this.arm = arm
    for (const solver of ["weak", "strong"]) {
      const recorded = this.data.sides[solver].length
      if (this.answers(solver).length > recorded) this.rollout[solver] = recorded
    }
    this.draw()
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
    const answers = this.answers(solver), recorded = this.data.sides[solver].length
    const at = this.rollout[solver] = Math.min(this.rollout[solver], Math.max(0, answers.length - 1))
    const answer = answers[at]
    const show = index => () => { this.rollout[solver] = index; this.draw() }
    const pills = this.data.sides[solver].map((each, index) => make("button", {
      class: "pill" + (index === at ? " on" : "") + (each.purpose ? " other" : ""),
      "data-name": `pill:${solver}:${index}`, "aria-pressed": String(index === at), type: "button",
      "aria-label": `${SIDE_NAMES[solver]} rollout ${each.index}${each.purpose ? ", " + each.purpose : ""}, score ${each.score}`,
      onclick: show(index),
    }, each.purpose || String(each.index), make("b", {}, each.score)))
    if (answers.length > recorded) pills.push(...this.drawFresh(solver, answers, recorded, at, show))
    const info = make("span", { class: "info" })
    if (answer?.warning) info.append(make("span", { class: "alarm" }, answer.warning), ", ")
    if (answer && !answer.about) info.append(answer.info)
    return make("div", { class: `side ${solver[0]}` },
      make("div", { class: "bar-top" },
        make("span", { class: solver === "weak" ? "ring" : "disc" }),
        make("span", { class: "name" }, SIDE_NAMES[solver]),
        make("div", { class: at >= recorded ? "pills close" : "pills" }, ...pills), info),
      this.drawAnswer(solver, answer, answers.length, at))
  }

  // One dashed pill for all fresh answers with their mean; while one of them is shown, a dashed number for each.
  drawFresh(solver, answers, recorded, at, show) {
    const arm = this.data.fresh.find(each => each.arm === this.arm)
    const on = at >= recorded, count = answers.length - recorded
    const pill = make("button", {
      class: on ? "pill other on" : "pill other", type: "button", "data-name": `fresh:${solver}`, "aria-pressed": String(on),
      title: answers[recorded].about, "aria-label": `${SIDE_NAMES[solver]}, ${count} ${arm.name} answers, mean ${arm[solver + "_mean"]}`,
      onclick: show(recorded),
    }, arm.name, make("b", {}, arm[solver + "_mean"]))
    if (!on || count < 2) return [pill]
    return [pill, ...answers.slice(recorded).map((each, index) => make("button", {
      class: recorded + index === at ? "step on" : "step", type: "button", "data-name": `fresh:${solver}:${index}`,
      "aria-pressed": String(recorded + index === at), title: `score ${each.score}`,
      "aria-label": `${SIDE_NAMES[solver]} ${arm.name} answer ${index + 1}, score ${each.score}`, onclick: show(recorded + index),
    }, String(index + 1)))]
  }

  drawAnswer(solver, answer, count, at) {
    const label = answer?.about ? `${SIDE_NAMES[solver]}: ${answer.about} Score ${answer.score}` : answer
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
    if (answer.about) box.append(make("p", { class: "about" }, answer.about, " Score ", make("b", {}, answer.score)))
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
      "aria-selected": String(name === this.tab), onclick: () => this.chooseTab(name),
    }, name === "comments" ? this.data.comments_name : TAB_NAMES[name]))
    const formula = this.tab === "criteria" ? make("span", { class: "formula" }, this.data.formula) : null
    const panels = { criteria: () => this.drawCriteria(), reference: () => this.drawReference(),
      requests: () => this.drawRequests(), source: () => this.drawSource(), audit: () => this.drawTree("audit"), comments: () => this.drawTree("comments") }
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
      make("button", { class: "judging", type: "button", onclick: () => this.ask("judging") },
        "Is the judge right?", make("span", { class: "key" }, "V")),
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

  // A panel that was built on the server; its links either choose an arm of fresh answers or are asked for.
  drawTree(name) {
    const acts = new WeakMap()
    const panel = make("div", { class: "scroll auditpanel", tabindex: "0", "data-scroll": `${this.task}:${name}` })
    panel.append(buildTree(this.data[name], acts))
    const act = event => {
      const found = findAct(event, acts)
      if (found?.startsWith("arm:")) this.chooseArm(found.slice(4))
      else if (found) this.ask(found)
      return found
    }
    panel.onclick = act
    panel.onkeydown = event => {
      if (!event.repeat && (event.key === "Enter" || event.key === " ") && act(event)) event.preventDefault()
    }
    return [panel]
  }

  drawQuotes(row) {
    const lines = ["weak", "strong"].map(solver => {
      const answer = this.answers(solver)[this.rollout[solver]]
      const verdict = answer?.verdicts ? answer.verdicts[row.id] : row[solver][this.rollout[solver]]
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

  onKey(event) {
    if (event.repeat || event.isComposing || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return
    if (!this.root.isConnected || document.querySelector("[data-testid=stDialog]")) return
    const target = event.composedPath()[0]
    if (target instanceof Element && target.closest("input, textarea, select, [contenteditable=true], [contenteditable='']")) return
    const key = event.key
    const asks = { j: "next", k: "previous", "[": "earlier", "]": "later", "?": "keys", q: "context", c: "comments", p: "provenance", v: "judging" }
    if (/^[1-9]$/.test(key)) {
      if (this.data.reasons || this.data.labels) return
      for (const solver of ["weak", "strong"]) {
        if (Number(key) <= this.answers(solver).length) this.rollout[solver] = Number(key) - 1
      }
      this.draw()
    } else if (key === "t") {
      this.chooseTab(this.tabs()[(this.tabs().indexOf(this.tab) + 1) % this.tabs().length])
    } else if (key === "l" && !this.data.reasons && !this.data.labels && !this.data.decided) {
      this.ask("labels")
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
