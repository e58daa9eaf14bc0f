// SPDX-License-Identifier: Apache-2.0
// Reads the built site as people do, in Chromium:
//
//     node site.mjs target/site /usr/bin/chromium folder-for-screenshots [which]
//
// The last argument is a regular expression that chooses checks by their names.
// Ends with 0 and a line for each thing that was seen to hold, or with 1 and what did not. With an empty folder it only tells by that
// whether the browser starts.
import assert from 'node:assert/strict';
import {readdir, readFile} from 'node:fs/promises';
import {createServer} from 'node:http';
import {createRequire} from 'node:module';
import {extname, join, resolve, sep} from 'node:path';

const require = createRequire(new URL('../../ktor-demo/src/test/browser/package.json', import.meta.url));
const {chromium} = require('playwright-core');

const [folder, executablePath, screenshots, which = ''] = process.argv.slice(2);
const PATIENCE = 60_000;
const TYPES = {
  '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript', '.json': 'application/json', '.svg': 'image/svg+xml',
  '.png': 'image/png', '.woff2': 'font/woff2', '.woff': 'font/woff', '.gz': 'application/gzip', '.xml': 'application/xml',
};

const root = folder && resolve(folder);
const server = createServer(async (request, response) => {
  const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
  const file = resolve(join(root, path.endsWith('/') ? `${path}index.html` : path));
  try {
    assert.ok(file.startsWith(root + sep));
    const content = await readFile(file);
    response.writeHead(200, {'Content-Type': TYPES[extname(file)] ?? 'text/plain; charset=utf-8'}).end(content);
  } catch {
    response.writeHead(404).end();
  }
});

const browser = await chromium.launch({executablePath, args: ['--no-sandbox', '--disable-gpu'], timeout: PATIENCE});
let address;

/** The paths of all pages, from the root of the site. */
async function files() {
  const found = await readdir(root, {recursive: true});
  return found.filter(file => file.endsWith('.html')).map(file => `/${file.split(sep).join('/')}`).sort();
}

/** A tab that asks no other host, and has nothing to complain of. */
async function open(look = {}) {
  const context = await browser.newContext(look);
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.complaints = [];
  const complain = what => page.complaints.push(`${page.url().replace(address, '')}: ${what}`);
  page.on('console', message => ['error', 'warning'].includes(message.type()) && complain(message.text()));
  page.on('response', response => response.status() >= 400 && complain(`${response.url().replace(address, '')} is not there`));
  page.on('pageerror', error => complain(error));
  await context.route(url => url.origin !== address, route => {
    complain(`it asks for ${route.request().url()}`);
    return route.abort();
  });
  return page;
}

async function close(page) {
  assert.deepEqual(page.complaints, []);
  await page.context().close();
}

const goto = (page, path) => page.goto(address + path);

/** In the browser: what each of these pages links to, and the anchors it has. */
async function readAll(paths) {
  const read = async path => {
    const answer = await fetch(path);
    if (answer.status !== 200) return {path, status: answer.status};
    const parsed = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const base = document.createElement('base');
    base.href = new URL(path, location.origin).href;
    parsed.head.prepend(base);
    const all = selector => [...parsed.querySelectorAll(selector)];
    return {
      path,
      status: 200,
      anchors: [...all('[id]').map(element => element.id), ...all('a[name], a[data-name]').map(a => a.name || a.dataset.name)],
      links: all('a[href]').filter(a => a.getAttribute('href')).map(a => a.href),
      parts: [...all('[src]').map(element => element.src), ...all('link[href]:not([rel=canonical])').map(link => link.href)],
    };
  };
  return Promise.all(paths.map(read));
}

/** Follows every link of the site from its front page; returns what is wrong with them. */
async function follow() {
  const page = await open();
  await goto(page, '/404.html');
  const pages = new Map();
  const wanted = [];
  const parts = new Set();
  let waiting = ['/index.html'];
  const seen = new Set(waiting);
  while (waiting.length) {
    const batch = waiting.splice(0, 100);
    for (const read of await page.evaluate(readAll, batch)) {
      pages.set(read.path, read);
      for (const part of read.parts ?? []) parts.add(JSON.stringify([read.path, part]));
      for (const link of read.links ?? []) {
        const url = new URL(link);
        if (url.origin !== address) continue;
        const path = url.pathname.endsWith('/') ? `${url.pathname}index.html` : url.pathname;
        wanted.push({from: read.path, path, anchor: url.hash.slice(1), link: url.href.replace(address, '')});
        if (!seen.has(path)) {
          seen.add(path);
          waiting.push(path);
        }
      }
    }
  }
  const faults = new Set();
  const anchors = new Map();
  for (const {from, path, anchor, link} of wanted) {
    const target = pages.get(path);
    if (!anchors.has(path)) anchors.set(path, new Set(target.anchors));
    if (target.status !== 200) faults.add(`${from} links to ${link}, which is not there`);
    else if (anchor && path.endsWith('.html') && ![anchor, decodeURIComponent(anchor)].some(name => anchors.get(path).has(name))) {
      faults.add(`${from} links to ${link}, where nothing has that name`);
    }
  }
  const asked = new Map();
  for (const [from, part] of [...parts].map(JSON.parse)) {
    const url = new URL(part);
    if (url.protocol === 'data:') continue;
    if (url.origin !== address) faults.add(`${from} takes ${part} from another host`);
    else if (!asked.has(part)) asked.set(part, from);
  }
  const statuses = await page.evaluate(urls => Promise.all(urls.map(async url => [url, (await fetch(url)).status])), [...asked.keys()]);
  for (const [part, status] of statuses) if (status !== 200) faults.add(`${asked.get(part)} takes ${part.replace(address, '')}, which is not there`);
  await page.context().close();
  return {pages, links: wanted.length, faults: [...faults]};
}

/** In the browser: by how much the page, or what scrolls in its place, is wider than the window, and what reaches furthest. */
function overflow() {
  const inPlace = [...document.querySelectorAll('main, .flex-content, #container, #main')].filter(part => part.scrollWidth > part.clientWidth);
  const view = inPlace[0] ?? document.documentElement;
  const beyond = view.scrollWidth - view.clientWidth;
  if (beyond <= 0) return null;
  const clipped = element => {
    for (let above = element.parentElement; above && above !== view; above = above.parentElement) {
      if (above !== document.body && getComputedStyle(above).overflowX !== 'visible') return true;
    }
    return false;
  };
  const widest = [...document.body.querySelectorAll('*')]
    .filter(element => !clipped(element))
    .map(element => [element.getBoundingClientRect().right, element])
    .sort(([one], [other]) => other - one)[0];
  return `${beyond} pixels too wide, by ${widest?.[1].outerHTML.slice(0, 160)}`;
}

/** Lays out each page on a phone's screen, in a few tabs at once; returns those that are wider than it. */
async function tooWide(paths) {
  const waiting = [...paths];
  const faults = [];
  await Promise.all([1, 2, 3, 4].map(async () => {
    const page = await open({viewport: {width: 360, height: 740}, isMobile: true, hasTouch: true});
    // Each page would read the whole index in advance of a search that nobody makes here.
    await page.route('**/search/search_index.json', route => route.fulfill({json: {config: {lang: ['en'], separator: '[\\s-]+', pipeline: []}, docs: []}}));
    for (let path = waiting.shift(); path; path = waiting.shift()) {
      await goto(page, path);
      const fault = await page.evaluate(overflow);
      if (fault) faults.push(`${path} is ${fault}`);
    }
    faults.push(...page.complaints);
    await page.context().close();
  }));
  return faults;
}

/** As many of these, evenly spread: pages that are made alike look alike. */
const some = (paths, count) => paths.filter((path, index) => index % Math.ceil(paths.length / count) === 0);
const isReference = path => /^\/api\/[^/]+\//.test(path);
const scheme = page => page.evaluate(() => document.body.dataset.mdColorScheme);
const isDark = page => page.evaluate(() => document.documentElement.classList.contains('theme-dark'));

/** Types words into the field of the search, and returns those results that the selector chooses. */
async function search(page, words, selector = '') {
  const field = page.locator('[data-md-component=search-query]');
  await field.click();
  await field.fill('');
  await page.keyboard.type(words);
  const results = page.locator(`.md-search-result__link${selector}`);
  await results.first().waitFor({state: 'attached'});
  return results;
}

const pages = folder ? await files() : [];
const hasReference = pages.some(isReference);

const checks = {
  async 'every link leads to a page, and to a place of it that is there; nothing comes from other hosts'() {
    const {pages: read, links, faults} = await follow();
    assert.deepEqual(faults, []);
    const unreached = pages.filter(path => !isReference(path) && path !== '/404.html' && !read.has(path));
    assert.deepEqual(unreached, [], 'nothing leads to these');
    assert.ok(links > 20_000 && read.size > 150, `${links} links, ${read.size} pages`);
    return `${links} links between ${read.size} files`;
  },

  async 'no page of the guides is wider than a phone'() {
    const listings = some(pages.filter(path => path.startsWith('/source/')), 12);
    const paths = pages.filter(path => !isReference(path) && !path.startsWith('/source/'));
    assert.deepEqual(await tooWide([...paths, ...listings]), []);
    return `${paths.length} pages, and ${listings.length} of the listings`;
  },

  async 'the search finds pages, and names of the reference'() {
    const page = await open({viewport: {width: 1280, height: 800}});
    await goto(page, '/index.html');
    const found = await search(page, 'uncancel');
    assert.ok((await found.allTextContents()).some(text => /cancel/i.test(text)));
    if (hasReference) {
      const links = await search(page, 'TaskGroup', '[href*="api/simul-"]');
      await goto(page, new URL(await links.first().evaluate(link => link.href)).pathname);
      assert.match(await page.title(), /taskgroup/i);
    }
    await close(page);
  },

  async 'it is light or dark as the system is, until somebody switches; the reference follows'() {
    for (const [colorScheme, first, second] of [['light', 'default', 'slate'], ['dark', 'slate', 'default']]) {
      const page = await open({colorScheme, viewport: {width: 1280, height: 800}});
      await goto(page, '/guide/cancellation.html');
      assert.equal(await scheme(page), first);
      await page.locator('form[data-md-component=palette] label:visible').click();
      await page.waitForFunction(wanted => document.body.dataset.mdColorScheme === wanted, second);
      await goto(page, '/index.html');
      assert.equal(await scheme(page), second);
      if (hasReference) {
        for (const path of ['/api/simul-runtime/index.html', '/api/simul-facade/index.html']) {
          await goto(page, path);
          assert.equal(await isDark(page), second === 'slate', path);
        }
        await page.locator('.simul-switch').click();
        await goto(page, '/index.html');
        assert.equal(await scheme(page), first);
      }
      await close(page);
    }
  },

  async 'who reads Java in one place reads it in all'() {
    const page = await open({viewport: {width: 1280, height: 800}});
    await goto(page, '/guide/cancellation.html');
    const shown = language => page.locator(`.tabbed-block:visible .language-${language}`).count();
    const [kotlin, java] = [await shown('kotlin'), await shown('java')];
    assert.ok(kotlin > java, `${kotlin} blocks of Kotlin, ${java} of Java`);
    await page.locator('.tabbed-labels label', {hasText: 'Java'}).first().click();
    await page.waitForFunction(() => document.querySelectorAll('.tabbed-set input:checked').length > 3 &&
      ![...document.querySelectorAll('.tabbed-set > input:checked')].some(input => document.querySelector(`label[for=${input.id}]`).textContent === 'Kotlin'));
    assert.equal(await shown('kotlin'), 0);
    await goto(page, '/gallery/fundamentals.html');
    assert.equal(await shown('kotlin'), 0);
    await close(page);
  },

  async 'pictures of it, for those who look'() {
    const places = {
      front: '/index.html', guide: '/guide/cancellation.html#what-cancel-does', gallery: '/gallery/fundamentals.html#waiter',
      table: '/python-to-jvm.html#the-loop', source: '/source/runtime-kotlin/src/main/kotlin/dev/simul/Future.kt.html', api: '/api/index.html',
    };
    if (!hasReference) delete places.api;
    if (hasReference) {
      places.kotlin = '/api/simul-runtime/simul-runtime/dev.simul/-task-group/index.html';
      places.java = '/api/simul-facade/dev/simul/facade/TaskGroup.html';
    }
    for (const colorScheme of ['light', 'dark']) {
      for (const [width, height] of [[360, 740], [1280, 900]]) {
        const page = await open({colorScheme, viewport: {width, height}, isMobile: width < 500});
        for (const [name, path] of Object.entries(places)) {
          assert.equal((await goto(page, path)).status(), 200, path);
          await page.waitForLoadState('networkidle');
          await page.screenshot({path: `${screenshots}/site-${name}-${width}-${colorScheme}.png`});
        }
        await close(page);
      }
    }
  },
};

if (hasReference) {
  checks['the pages of the reference are no wider than a phone'] = async () => {
    const all = pages.filter(isReference).filter(path => !path.endsWith('/navigation.html'));
    const paths = some(all, 80);
    assert.deepEqual(await tooWide(paths), []);
    return `${paths.length} of ${all.length} pages`;
  };
}

let failed = false;
try {
  if (folder) {
    await new Promise(done => server.listen(0, '127.0.0.1', done));
    address = `http://127.0.0.1:${server.address().port}`;
    for (const [name, check] of Object.entries(checks).filter(([name]) => new RegExp(which).test(name))) {
      const began = Date.now();
      try {
        const figures = await check();
        console.log(`ok: ${name}${figures ? ` (${figures})` : ''}, in ${Math.round((Date.now() - began) / 1000)} s`);
      } catch (error) {
        failed = true;
        console.error(`failed: ${name}: ${error.message ?? error}`);
      }
    }
  }
} finally {
  await browser.close();
  server.close();
}
process.exitCode = failed ? 1 : 0;
