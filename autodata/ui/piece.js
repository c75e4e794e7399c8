const pieces = new WeakMap()

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const root = parentElement.querySelector(".piece")
  const drawn = JSON.stringify(data.tree)
  if (pieces.get(root) !== drawn) {
    pieces.set(root, drawn)
    root.acts = new WeakMap()
    root.replaceChildren(buildTree(data.tree, root.acts))
    reveal(root.querySelector("[aria-current]"), root)
  }
  // A dialog hangs outside the app, where nobody has said whether the theme is light or dark.
  const app = document.querySelector("[data-testid=stApp]")
  if (app && !root.getRootNode().host?.closest("[data-testid=stApp]")) {
    root.style.colorScheme = getComputedStyle(app).colorScheme
  }
  const report = event => {
    const act = findAct(event, root.acts)
    if (act === null) return false
    setTriggerValue("clicked", act)
    return true
  }
  root.onclick = report
  root.onkeydown = event => {
    if (event.repeat || (event.key !== "Enter" && event.key !== " ")) return
    if (report(event)) event.preventDefault()
  }
}
