// Uses the page of `simul demo mojifinder --web` as people do:
//
//     node mojifinder.js http://127.0.0.1:8000/ /usr/bin/chromium folder-for-screenshots
//
// Ends with 0 and a line for each thing that was seen to work, or with 1 and what did not. With an empty address it only tells by
// that whether the browser starts.
import assert from 'node:assert/strict';
import {chromium} from 'playwright-core';

const [address, executablePath, folder] = process.argv.slice(2);
const PATIENCE = 60_000;

const browser = await chromium.launch({executablePath, args: ['--no-sandbox', '--disable-gpu'], timeout: PATIENCE});

async function open(look, path = '') {
  const page = await browser.newPage(look);
  page.setDefaultTimeout(PATIENCE);
  page.complaints = [];
  page.on('console', message => ['error', 'warning'].includes(message.type()) && page.complaints.push(message.text()));
  page.on('pageerror', error => page.complaints.push(String(error)));
  page.on('requestfailed', request => page.complaints.push(`${request.url()}: ${request.failure().errorText}`));
  page.on('dialog', dialog => page.complaints.push(`a dialog: ${dialog.message()}`));
  await page.goto(address + path);
  return page;
}

const status = page => page.locator('#status');
const names = page => page.locator('.name').allTextContents();
const seen = (page, text) => status(page).filter({hasText: text}).waitFor();
const focused = page => page.evaluate(() => document.activeElement.outerHTML);

// Browsers give the field its focus a little after the page is there.
const hasFocus = page => page.waitForFunction(() => document.activeElement.id === 'q');

async function close(page) {
  assert.deepEqual(page.complaints, []);
  await page.close();
}

const checks = {
  async 'a word is typed, and its characters are shown'() {
    const page = await open({viewport: {width: 1000, height: 800}});
    assert.equal(await page.title(), 'Mojifinder');
    await hasFocus(page);
    await page.keyboard.type('cat smiling');
    await page.keyboard.press('Enter');
    await seen(page, 'characters for “cat smiling”');
    assert.ok((await names(page)).includes('SMILING CAT FACE WITH OPEN MOUTH'));
    assert.ok((await page.locator('.char').allTextContents()).includes('😺'));
    assert.ok((await page.locator('.code').allTextContents()).includes('U+1F63A'));
    assert.ok(page.url().endsWith('?q=cat+smiling'));
    await page.screenshot({path: `${folder}/mojifinder-light.png`});
    await close(page);
  },

  async 'markup in a query is shown as text'() {
    const query = '<b>cat</b><img src=x onerror=alert(1)>';
    const page = await open({}, '?' + new URLSearchParams({q: query}));
    await seen(page, query);
    assert.equal(await page.inputValue('#q'), query);
    assert.equal(await page.locator('b, img').count(), 0);
    await close(page);
  },

  async 'everything is reached by keyboard'() {
    const page = await open({});
    await hasFocus(page);
    await page.keyboard.press('Tab');
    assert.match(await focused(page), /submit/);
    await page.keyboard.press('Tab');
    assert.match(await focused(page), /cat smiling/);
    await page.keyboard.press('Enter');
    await seen(page, 'cat smiling');
    assert.match(await focused(page), /id="q"/);
    await page.fill('#q', 'letter');
    await page.keyboard.press('Enter');
    await seen(page, 'letter');
    assert.equal(await page.locator('#results li').count(), 200);
    await page.focus('#more');
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('#results li').count(), 400);
    assert.match(await focused(page), /^<li/);
    await close(page);
  },

  async 'the way back leads to the search before'() {
    const page = await open({}, '?q=snowman');
    await seen(page, 'snowman');
    await page.fill('#q', 'no such thing at all');
    await page.click('button[type=submit]');
    await seen(page, 'No character has all of these words');
    assert.equal(await page.locator('#results li').count(), 0);
    await page.goBack();
    await seen(page, 'characters for “snowman”');
    assert.equal(await page.inputValue('#q'), 'snowman');
    await close(page);
  },

  async 'a narrow screen in the dark shows all of it'() {
    const page = await open({viewport: {width: 320, height: 700}, colorScheme: 'dark'}, '?q=chess+black');
    await seen(page, 'chess black');
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(overflow, 0);
    await page.screenshot({path: `${folder}/mojifinder-dark.png`});
    await close(page);
  },

  async 'it says so when the server cannot be asked'() {
    const page = await open({});
    await page.route('**/search?*', route => route.abort());
    await page.fill('#q', 'cat');
    await page.keyboard.press('Enter');
    await seen(page, 'The server cannot be asked');
    await page.close();
  },
};

try {
  for (const [name, check] of Object.entries(address ? checks : {})) {
    await check();
    console.log(`ok: ${name}`);
  }
} finally {
  await browser.close();
}
