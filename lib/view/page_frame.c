/* SPDX-License-Identifier: ISC */
/* What all pages have around them. */
#include <stddef.h>

#include "lib/view/page.h"

/* One column; a table becomes a list where there is no room for it. */
static const char style[] =
    ":root{color-scheme:light dark;--bg:#fff;--fg:#1c1e21;--dim:#595f69;"
    "--line:#d5d8dd;--soft:#f3f4f6;--link:#0b57a8;--mark:#fff0a8;"
    "--ok:#1b6e3a;--bad:#a3231b;--warn:#8a5a00}\n"
    "@media screen and "
    "(prefers-color-scheme:dark){:root{--bg:#15171a;--fg:#e6e8eb;"
    "--dim:#a4abb6;--line:#353a42;--soft:#1f2328;--link:#86b8f2;"
    "--mark:#4a3f00;--ok:#6fce93;--bad:#ff9b91;--warn:#e6b85c}}\n"
    "*{box-sizing:border-box}\n"
    "html{-webkit-text-size-adjust:100%}\n"
    "body{margin:0 auto;padding:0 1rem 2rem;max-width:80rem;background:"
    "var(--bg);color:var(--fg);font:1rem/1.45 system-ui,sans-serif;"
    "overflow-wrap:anywhere}\n"
    "a{color:var(--link)}\n"
    "a:focus-visible,input:focus-visible,select:focus-visible,"
    "button:focus-visible,summary:focus-visible,pre:focus-visible"
    "{outline:3px solid var(--link);outline-offset:2px}\n"
    ".skip{position:absolute;left:-100rem}\n"
    ".skip:focus{left:1rem;top:.5rem;background:var(--bg);padding:.5rem}\n"
    "header{border-bottom:1px solid var(--line);padding:.8rem 0 .6rem;"
    "display:flex;flex-wrap:wrap;gap:.2rem 1.4rem;align-items:baseline}\n"
    "header strong{font-size:1.1rem}\n"
    "nav{display:flex;flex-wrap:wrap;gap:.2rem .95rem}\n"
    "nav a[aria-current]{color:var(--fg);text-decoration:none;"
    "font-weight:600}\n"
    ".status{flex-basis:100%;margin:0;color:var(--dim);font-size:.9rem}\n"
    "h1{font-size:1.35rem;line-height:1.25;margin:1rem 0 .4rem}\n"
    "h2{font-size:1.05rem;margin:1.5rem 0 .4rem}\n"
    "p{margin:.4rem 0}\n"
    ".dim{color:var(--dim)}\n"
    "mark{background:var(--mark);color:var(--fg)}\n"
    "code,pre{font:.86rem/1.5 ui-monospace,monospace}\n"
    "pre{background:var(--soft);padding:.6rem .8rem;margin:.4rem 0;"
    "white-space:pre-wrap;user-select:all;-webkit-user-select:all}\n";
static const char style_form[] =
    "form{display:grid;gap:.6rem 1rem;grid-template-columns:1fr auto;"
    "align-items:end;margin:.9rem 0}\n"
    "label{display:block;font-size:.9rem;color:var(--dim)}\n"
    "input,select,button{font:inherit;color:var(--fg);background:var(--bg);"
    "border:1px solid var(--dim);border-radius:4px;padding:.4rem .6rem;"
    "width:100%;min-height:2.6rem}\n"
    "button{background:var(--link);border-color:var(--link);color:var(--bg);"
    "font-weight:600;padding:.4rem 1.2rem;cursor:pointer}\n"
    "details{grid-column:1/-1}\n"
    "summary{cursor:pointer;color:var(--link);padding:.2rem 0}\n"
    ".filters{display:grid;gap:.6rem 1rem;padding-top:.4rem;"
    "grid-template-columns:repeat(auto-fit,minmax(11rem,1fr))}\n";
static const char style_table[] =
    "table{border-collapse:collapse;width:100%;font-size:.94rem}\n"
    "caption{text-align:left;color:var(--dim);padding:.3rem 0}\n"
    "th,td{text-align:left;vertical-align:top;padding:.38rem .7rem .38rem 0;"
    "border-bottom:1px solid var(--line)}\n"
    "thead th{color:var(--dim);font-weight:600;font-size:.86rem}\n"
    "td,thead th{overflow-wrap:break-word}\n"
    "tbody th{font-weight:normal}\n"
    ".n{white-space:nowrap}\n"
    ".tag{display:inline-block;border:1px solid;border-radius:3px;"
    "padding:0 .35rem;font-size:.8rem;white-space:nowrap}\n"
    ".ok{color:var(--ok)}.bad{color:var(--bad)}.warn{color:var(--warn)}\n"
    ".pages{display:flex;flex-wrap:wrap;gap:.4rem 1.4rem;margin:1rem 0}\n"
    "dl{display:grid;grid-template-columns:minmax(8rem,auto) 1fr;"
    "gap:.2rem 1.2rem;margin:.6rem 0}\n"
    "dt{color:var(--dim)}dd{margin:0}\n"
    "ul{margin:.3rem 0;padding-left:1.1rem}li{margin:.15rem 0}\n"
    ".file{border-top:1px solid var(--line);padding:.6rem 0}\n"
    ".file p{margin:.15rem 0}\n"
    "@media screen and (max-width:48rem){thead{position:absolute;left:-100rem}"
    "table,tbody,tr,th,td{display:block}caption{display:block}"
    "tr{border-bottom:1px solid var(--line);padding:.5rem 0}"
    "tbody th,td{border:0;padding:0}"
    "td.side{display:inline;color:var(--dim);font-size:.88rem}"
    "td.side:not(:empty)::after{content:\"\\A0\\B7\";margin-right:.35em}"
    "td.side.last::after{content:none}"
    "dl{grid-template-columns:7.5rem 1fr;gap:.2rem .6rem}"
    "form{grid-template-columns:1fr}}\n"
    "@media print{form,nav,.skip,.pages{display:none}body{max-width:none;"
    "padding:0;font-size:9.5pt}a{color:inherit;text-decoration:none}"
    "tbody th{width:36%}th,td{padding:.15rem .5rem .15rem 0}"
    "mark{background:none;font-weight:600}"
    "tr,.file{break-inside:avoid}h1,h2{break-after:avoid}}\n";

static void
put_link(struct page *p, const char *to, const char *label, bool here)
{
	page_printf(p, "<a href=\"%s%s\"%s>%s</a>\n", p->root, to,
	    here ? " aria-current=\"page\"" : "", label);
}

static void
put_nav(struct page *p, const struct page_head *h)
{
	page_put(p, "<nav aria-label=\"Pages\">\n");
	put_link(p, h->still ? "index.html" : "./", "Updates",
	    h->place == PAGE_UPDATES);
	if (!h->still)
		put_link(
		    p, "transfers", "Transfers", h->place == PAGE_TRANSFERS);
	if (h->with)
		put_link(p, "with/", "Brought along", false);
	put_link(p, "updates.csv", "updates.csv", false);
	put_link(p, "index.json", "index.json", false);
	page_put(p, "</nav>\n");
}

void
page_begin(struct page *p, const struct page_head *h)
{
	page_put(p,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n<meta name=\"viewport\""
	    " content=\"width=device-width,initial-scale=1\">\n<title>");
	page_text(p, h->title);
	page_put(p, " &#183; ");
	page_text(p, h->site);
	page_put(p, "</title>\n<style>\n");
	page_put(p, style);
	page_put(p, style_form);
	page_put(p, style_table);
	page_put(p,
	    "</style>\n</head>\n<body>\n"
	    "<a class=\"skip\" href=\"#main\">Skip to the content</a>\n"
	    "<header>\n<strong>Updates of ");
	page_text(p, h->site);
	page_put(p, "</strong>\n");
	put_nav(p, h);
	if (h->status != NULL) {
		page_put(p, "<p class=\"status\">");
		page_text(p, h->status);
		page_put(p, "</p>\n");
	}
	page_put(p, "</header>\n<main id=\"main\" tabindex=\"-1\">\n");
}

void
page_finish(struct page *p)
{
	page_put(p, "</main>\n</body>\n</html>\n");
}

void
page_message(struct page *p, const struct page_head *h, const char *what,
    const char *why, const char *next)
{
	page_begin(p, h);
	page_put(p, "<h1>");
	page_text(p, what);
	page_put(p, "</h1>\n<p>");
	page_text(p, why);
	page_put(p, "</p>\n");
	if (next != NULL) {
		page_put(p, "<p>");
		page_text(p, next);
		page_put(p, "</p>\n");
	}
	page_finish(p);
}
