// Builds a tree [tag, attributes, children] from elements and text nodes only. Strings are always text.
const SVG_NS = "http://www.w3.org/2000/svg"
const HTML_TAGS = new Set(
  "div span b i p br mark del ins table thead tbody tfoot tr th td".split(" "))
const SVG_TAGS = new Set("svg g path line rect circle polyline polygon text tspan".split(" "))
const ATTRIBUTES = new Set(
  ("class style title role dir tabindex colspan rowspan width height viewBox preserveAspectRatio x y x1 y1 x2 y2 cx cy r " +
   "rx ry d points transform dx dy fill stroke stroke-width stroke-dasharray stroke-linecap stroke-linejoin opacity " +
   "text-anchor").split(" "))

function buildTree(tree, acts) {
  if (typeof tree === "string") return document.createTextNode(tree)
  const [tag, attributes, children] = tree
  if (!HTML_TAGS.has(tag) && !SVG_TAGS.has(tag)) return document.createTextNode("")
  const element = SVG_TAGS.has(tag) ? document.createElementNS(SVG_NS, tag) : document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "act") {
      acts.set(element, value)
      element.setAttribute("tabindex", "0")
      if (!attributes.role) element.setAttribute("role", "button")
      continue
    }
    if (!ATTRIBUTES.has(name) && !/^aria-[a-z]+$/.test(name)) continue
    if (name === "style" && /url\(/i.test(value)) continue
    element.setAttribute(name, value)
  }
  for (const child of children) element.appendChild(buildTree(child, acts))
  return element
}

function findAct(event, acts) {
  for (const target of event.composedPath()) if (acts.has(target)) return acts.get(target)
  return null
}

// Bring an element into view within the boxes of its own piece. scrollIntoView would move the page as well.
function reveal(element, root) {
  for (let box = element?.parentElement; box && box !== root.parentElement; box = box.parentElement) {
    const inner = element.getBoundingClientRect(), outer = box.getBoundingClientRect()
    if (box.scrollHeight > box.clientHeight) {
      box.scrollTop += Math.max(0, inner.bottom - outer.bottom) || Math.min(0, inner.top - outer.top)
    }
    if (box.scrollWidth > box.clientWidth) {
      box.scrollLeft += Math.max(0, inner.right - outer.right) || Math.min(0, inner.left - outer.left)
    }
  }
}
