// Keys that are pressed faster than the page follows. A key means the task that is painted when it is pressed: it is kept
// until that task's button is there, never given to another task, and dropped once its task was left. Undo and moving
// mean no task, so they wait their turn. Where the button is there already, Streamlit's own shortcut does the work.
const DECIDE = { a: "approve", x: "reject", f: "flag", s: "skip", e: "fix", l: "labels", u: "undo", j: "next", k: "previous",
  ArrowRight: "next", ArrowLeft: "previous" }
const MOVES = new Set(["undo", "next", "previous"])
const OPENS = { reject: "reasons", flag: "reasons", labels: "labels" }
const STAYS = /^(fix|back|reject|flag|labels|label-.)$/, CLOSES = /^(back|label-.)$/
const ELSEWHERE = "[data-testid=stDialog], .st-key-review-name"
const REST_MS = 120, SILENT_MS = 1500, KEPT_MS = 5000, KEPT_MAX = 20

class DecisionKeys {
  constructor() {
    this.queue = []
    this.shown = this.bar = this.left = this.asked = null
    this.since = performance.now()
    this.ran = this.moving = false
    window.addEventListener("keydown", event => this.onKey(event), true)
  }

  // `screen` tells one showing of a task from the next; it counts as shown once it is painted.
  show(evidence, screen, task, bar) {
    this.evidence = evidence
    this.bar = bar
    if (bar && bar === this.asked) this.asked = null
    this.coming = screen
    const painted = () => {
      if (this.evidence === evidence && this.coming === screen && this.shown?.screen !== screen) {
        this.shown = { screen, task }
        this.asked = null
      }
    }
    requestAnimationFrame(() => requestAnimationFrame(painted))
  }

  hide(evidence) {
    if (this.evidence === evidence) this.evidence = this.shown = this.bar = this.asked = this.coming = null
  }

  onKey(event) {
    if (!this.shown || isTyped(event) || event.shiftKey || document.querySelector(ELSEWHERE)) return
    const name = this.name(event)
    if (!name) return
    this.look()
    const gone = this.left === this.shown.screen, waits = gone || this.queue.length > 0
    if (!waits && !event.repeat && this.find(name)) return this.follow(name)
    event.stopImmediatePropagation()
    event.preventDefault()
    if (event.repeat || name === "nothing" || (gone && !MOVES.has(name)) || this.queue.length >= KEPT_MAX) return
    this.queue.push({ name, task: MOVES.has(name) ? null : this.shown.task, t: performance.now() })
    this.start()
  }

  // What a key means in the bar that is shown or was asked for; "" where it is not ours.
  name(event) {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
    const bar = this.asked || this.bar
    if (!bar) return DECIDE[key] || ""
    if (/^[1-9]$/.test(key)) return `${bar === "reasons" ? "reason" : "label"}-${key}`
    if (key === "Escape") return "back"
    if (bar === "reasons" && (key === "x" || (key === "Enter" && !isPressed(event)))) return "commit"
    return this.asked && DECIDE[key] ? "nothing" : ""
  }

  find(name) {
    const of = part => document.querySelector(`.st-key-review-${part}-${CSS.escape(this.shown?.task ?? "")} button:not(:disabled)`)
    if (name === "labels") return this.of("say") || (of("next") && this.evidence)
    if (name === "undo") return !this.shown || of("next") ? this.of("undo") : null
    if (name.startsWith("label-")) return document.querySelector(`[class*="st-key-review-${name}-"] button`)
    if (name === "back") return of("back") || document.querySelector("[class*='st-key-review-unlabel-'] button")
    return of(name)
  }

  of(part) {
    return document.querySelector(`.st-key-review-${part} button:not(:disabled)`)
  }

  // The key was given to its button: what is to be expected now.
  follow(name) {
    this.since = performance.now()
    this.ran = false
    this.asked = OPENS[name] || null
    if (!STAYS.test(name)) this.left = this.shown?.screen ?? null
    if (CLOSES.test(name)) this.bar = null
    this.start()
  }

  start() {
    if (this.moving) return
    this.moving = true
    const step = () => {
      this.flush()
      this.moving = this.queue.length > 0 || this.asked !== null || (this.left !== null && this.left === this.shown?.screen)
      if (this.moving) requestAnimationFrame(step)
    }
    requestAnimationFrame(step)
  }

  flush() {
    this.look()
    const head = this.queue[0]
    if (!head) return
    if (performance.now() - head.t > KEPT_MS || (head.task !== null && head.task !== this.shown?.task)) {
      this.queue.shift()
    } else if (this.shown ? this.left !== this.shown.screen : this.isAtRest()) {
      const found = this.find(head.name)
      if (found || this.isAtRest()) this.queue.shift()
      if (!found) return
      this.follow(head.name)
      if (found === this.evidence) found.ask("labels")
      else found.click()
    }
  }

  // An action that changed nothing leaves the page at rest as it was: then the same task takes keys again.
  look() {
    const state = document.querySelector("[data-testid=stApp]")?.dataset.testScriptState
    if (state && state !== "notRunning") {
      this.since = performance.now()
      this.ran = true
    } else if (this.isAtRest()) this.left = this.asked = null
  }

  // A run that was seen to end, or none for so long that none will come.
  isAtRest() {
    return performance.now() - this.since > (this.ran ? REST_MS : SILENT_MS)
  }
}

function isTyped(event) {
  if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return true
  const target = event.composedPath()[0]
  return target instanceof Element && !!target.closest("input, textarea, select, [contenteditable=true], [contenteditable='']")
}

function isPressed(event) {
  const target = event.composedPath()[0]
  return target instanceof Element && !!target.closest("button, a, [role=button], [tabindex='0']")
}
