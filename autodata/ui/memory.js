const YEAR_S = 365 * 24 * 3600

export default function (component) {
  const { data, parentElement } = component
  document.cookie = `${data.name}=${data.value}; path=/; max-age=${YEAR_S}; SameSite=Lax`
  // It has nothing to show, so it takes no room either.
  const host = parentElement.getRootNode().host ?? parentElement
  const box = host.closest("[data-testid=stElementContainer]")
  if (box) box.style.display = "none"
}
