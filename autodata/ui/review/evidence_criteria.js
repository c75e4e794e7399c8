// The criterion table: weights, verdicts as pips, shares that sum to the gap, and the judge's words on the chosen one.
class EvidenceCriteria extends EvidenceTexts {
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
    const ask = make("button", { class: "judging", type: "button", onclick: () => this.ask("judging") },
      "Is the judge right?", make("span", { class: "key" }, "V"))
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
        make("span", { class: "muted small" }, word), words, solver === "weak" ? ask : null)
    })
    return make("div", { class: "quotes", "aria-live": "polite" }, ...lines)
  }
}
