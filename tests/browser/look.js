// SPDX-License-Identifier: ISC
// Looks at the pages of a server as a browser shows them: pictures into a
// folder, what axe-core finds, what does not fit in 390 pixels, whether the
// keyboard reaches everything.
// usage: node look.js BASE-URL FOLDER PATH ...
// Needs chromium and, where NODE_PATH leads, puppeteer-core and axe-core.
// One line for each fault; exit status 1 where there is one, 77 where it cannot
// look.
'use strict';
let puppeteer, axe;
try {
	puppeteer = require('puppeteer-core');
	axe = require('axe-core');
} catch (e) {
	console.log('skipped: ' + e.message.split('\n')[0]);
	process.exit(77);
}
const fs = require('fs');
const [base, folder, ...paths] = process.argv.slice(2);
const sights = [
	{ name: '390', width: 390, height: 844, dark: false },
	{ name: '1280', width: 1280, height: 900, dark: false },
	{ name: '390-dark', width: 390, height: 844, dark: true },
];
let faults = 0;

function fault(where, what) {
	faults++;
	console.log(`${where}: ${what}`);
}

function label(path) {
	return path === '' ? 'first' : path.replace(/[^A-Za-z0-9]+/g, '-');
}

async function access(page, where) {
	await page.evaluate(axe.source);
	const found = await page.evaluate(() => window.axe.run(document, {
		runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'],
	}));
	for (const v of found.violations)
		fault(where, `axe ${v.impact} ${v.id}: ${v.help}: ` +
		    v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(', '));
}

async function width(page, where, most) {
	const wide = await page.evaluate(() =>
		document.documentElement.scrollWidth);
	if (wide > most)
		fault(where, `${wide} pixels wide`);
}

// Every link, field and button is reached by Tab, in order, and is seen then.
async function keyboard(page, where) {
	const all = await page.evaluate(() => [...document.querySelectorAll(
		'a[href],input,select,button,summary,pre[tabindex]')]
		.filter((n) => n.checkVisibility()).length);
	const seen = new Set();
	let unseen = 0;
	for (let i = 0; i < Math.min(all, 60); i++) {
		await page.keyboard.press('Tab');
		const at = await page.evaluate(() => {
			const n = document.activeElement, r = n.getBoundingClientRect();
			const style = getComputedStyle(n);
			const every = [...document.querySelectorAll('*')];
			return { n: every.indexOf(n), ring: style.outlineStyle !== 'none' &&
			    parseFloat(style.outlineWidth) > 0, out: r.right <= 0 ||
			    r.left >= innerWidth };
		});
		seen.add(at.n);
		if (!at.ring || at.out)
			unseen++;
	}
	if (seen.size < Math.min(all, 60))
		fault(where, `Tab reaches ${seen.size} of ${all}`);
	if (unseen > 0)
		fault(where, `${unseen} places have the focus and don't show it`);
}

// On paper, A4 within its edges: no column is squeezed to a letter, nothing is
// cut off.
async function paper(page, where) {
	await page.emulateMediaType('print');
	await page.setViewport({ width: 718, height: 1000 });
	const narrow = await page.evaluate(() =>
		[...document.querySelectorAll('th,td')].filter((n) =>
			n.innerText.trim().length > 3 && n.clientWidth < 40).length);
	if (narrow > 0)
		fault(where, `${narrow} cells are squeezed on paper`);
	await width(page, where + ' on paper', 718);
}

async function tabTo(page, selector, back) {
	for (let i = 0; i < 60; i++) {
		if (back)
			await page.keyboard.down('Shift');
		await page.keyboard.press('Tab');
		await page.keyboard.up('Shift');
		if (await page.evaluate((s) => document.activeElement.matches(s),
			selector))
			return true;
	}
	return false;
}

// Somebody without a mouse: a search, a filter, an update, back to the list.
async function walk(browser) {
	const page = await browser.newPage(), where = 'by keyboard';
	const enter = async () => Promise.all([
		page.waitForNavigation(), page.keyboard.press('Enter')]);
	await page.goto(base, { waitUntil: 'load' });
	await page.keyboard.press('Tab');
	if (!await page.evaluate(() => document.activeElement.matches('.skip')))
		fault(where, 'the first Tab is not the way past the head');
	if (!await tabTo(page, 'input[name=q]'))
		fault(where, 'Tab does not reach the search');
	await page.keyboard.type('update');
	await enter();
	if (!page.url().includes('q=update'))
		fault(where, `Enter does not search: ${page.url()}`);
	await tabTo(page, 'summary');
	await page.keyboard.press('Enter');
	if (!await tabTo(page, 'select[name=state]'))
		fault(where, 'Tab does not reach the filters');
	await page.keyboard.press('ArrowDown');
	await tabTo(page, 'input[name=q]', true);
	await enter();
	if (!/state=newest/.test(page.url()))
		fault(where, `the filter is not asked for: ${page.url()}`);
	if (!await tabTo(page, 'tbody a'))
		fault(where, 'Tab does not reach the updates');
	await enter();
	if (!page.url().includes('/update/'))
		fault(where, `Enter does not open one: ${page.url()}`);
	await tabTo(page, 'nav a');
	await enter();
	if (page.url() !== base)
		fault(where, `the way back leads to ${page.url()}`);
	await page.close();
}

async function look(browser, path, sight) {
	const page = await browser.newPage(), where = `${path} ${sight.name}`;
	const loud = [];
	page.on('pageerror', (e) => loud.push(e.message));
	page.on('request', (r) => {
		if (!r.url().startsWith(base) && !r.url().startsWith('data:'))
			loud.push('asks for ' + r.url());
	});
	await page.setJavaScriptEnabled(true);
	await page.setBypassCSP(true); // for axe alone
	await page.emulateMediaFeatures([{ name: 'prefers-color-scheme',
		value: sight.dark ? 'dark' : 'light' }]);
	await page.setViewport({ width: sight.width, height: sight.height });
	await page.goto(base + path, { waitUntil: 'load' });
	await page.screenshot({ path: `${folder}/${label(path)}-${sight.name}.png` });
	await width(page, where, sight.width);
	await access(page, where);
	await keyboard(page, where);
	if (await page.evaluate(() => document.scripts.length) > 0)
		fault(where, 'there is a script');
	for (const l of loud)
		fault(where, l);
	if (sight.name === '1280') {
		await paper(page, where);
		await page.pdf({ path: `${folder}/${label(path)}.pdf`, format: 'A4',
			margin: { top: '1cm', right: '1cm', bottom: '1cm',
				left: '1cm' } });
	}
	await page.close();
}

(async () => {
	let browser;
	try {
		browser = await puppeteer.launch({
			executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
			args: ['--no-sandbox', '--no-proxy-server', '--disable-gpu',
				'--disable-dev-shm-usage'],
			userDataDir: `${folder}/profile` });
	} catch (e) {
		console.log('skipped: ' + e.message.split('\n')[0]);
		process.exit(77);
	}
	await walk(browser);
	for (const path of paths)
		for (const sight of sights)
			await look(browser, path, sight);
	await browser.close();
	fs.rmSync(`${folder}/profile`, { recursive: true, force: true });
	process.exit(faults > 0 ? 1 : 0);
})().catch((e) => {
	console.log(e.stack);
	process.exit(1);
});
