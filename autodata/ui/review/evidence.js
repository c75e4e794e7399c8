// The evidence of one task. Everything that can be chosen here (rollout, tab, criterion) changes without a rerun.
const instances = new WeakMap()
const decisionKeys = new DecisionKeys()
const TABS = ["criteria", "reference", "requests", "source", "audit", "comments"]
const TAB_NAMES = { criteria: "Criteria", reference: "Reference", requests: "Requests", source: "Source", audit: "Audit", comments: "Comments" }

class Evidence extends EvidenceCriteria {
  constructor(root) {
    super()
    this.root = root
    this.task = null
    this.keydown = event => this.onKey(event)
    document.addEventListener("keydown", this.keydown)
  }

  update(data, trigger) {
    this.trigger = trigger
    decisionKeys.show(this, data.screen, data.own, data.reasons ? "reasons" : data.labels ? "labels" : null)
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
    if (answer.reasoning) box.append(this.drawReasoning(answer.reasoning))
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

  onKey(event) {
    if (event.repeat || isTyped(event) || !this.root.isConnected || document.querySelector("[data-testid=stDialog]")) return
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
      if (!isPressed(event)) this.ask("commit")
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
    decisionKeys.hide(evidence)
    instances.delete(root)
  }
}
