import rss from "@11ty/eleventy-plugin-rss";
import highlight from "@11ty/eleventy-plugin-syntaxhighlight";

const PAGER_SIZE = 20;
const FEED_SIZE = 50;

/** A page of a list for each 20 posts of each term: Eleventy paginates one list of a template. */
function pagers(posts, plural) {
  const byTerm = new Map();
  for (const post of posts) {
    for (const term of post.data[plural] ?? []) {
      if (!byTerm.has(term)) byTerm.set(term, []);
      byTerm.get(term).push(post);
    }
  }
  const found = [];
  for (const [term, listed] of byTerm) {
    const total = Math.ceil(listed.length / PAGER_SIZE);
    for (let number = 1; number <= total; number += 1) {
      found.push({ term, number, total, posts: listed.slice((number - 1) * PAGER_SIZE, number * PAGER_SIZE) });
    }
  }
  return found;
}

export default function (eleventyConfig) {
  eleventyConfig.addPlugin(highlight);
  eleventyConfig.addPlugin(rss);

  const newestFirst = (api) => [...api.getFilteredByGlob("content/posts/*.md")].reverse();
  eleventyConfig.addCollection("posts", newestFirst);
  eleventyConfig.addCollection("latest", (api) => newestFirst(api).slice(0, FEED_SIZE));
  eleventyConfig.addCollection("tagPagers", (api) => pagers(newestFirst(api), "tags"));
  eleventyConfig.addCollection("categoryPagers", (api) => pagers(newestFirst(api), "categories"));

  eleventyConfig.addFilter("isoDate", (date) => date.toISOString());
  eleventyConfig.addFilter("day", (date) => date.toISOString().slice(0, 10));
  eleventyConfig.addFilter("counts", (listed) => listed.filter((pager) => pager.number === 1));
  eleventyConfig.addFilter("minutes", (text) => Math.ceil((text ?? "").split(/\s+/).length / 213));

  return {
    dir: { input: "content", includes: "../_includes", output: "_site" },
    markdownTemplateEngine: false, // posts are Markdown and nothing else, as the other tools read them
    htmlTemplateEngine: "njk",
  };
}
