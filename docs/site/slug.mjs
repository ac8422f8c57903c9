// A heading's anchor, as git hosts make it: so a link into a page works there and on the site.
export function slug(heading) {
  return heading.trim().toLowerCase().replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, "").replaceAll(" ", "-");
}
