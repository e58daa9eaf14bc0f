'use strict';

const PAGE = 200; // As many characters as are shown at once.

const form = document.querySelector('form');
const input = document.querySelector('#q');
const status = document.querySelector('#status');
const results = document.querySelector('#results');
const more = document.querySelector('#more');

let asking = new AbortController();
let found = [];

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function card({char, name}) {
  const code = 'U+' + char.codePointAt(0).toString(16).toUpperCase().padStart(4, '0');
  const about = document.createElement('span');
  about.append(element('span', 'name', name), element('span', 'code', code));
  const item = document.createElement('li');
  item.append(element('span', 'char', char), about);
  return item;
}

function showMore() {
  const shown = results.childElementCount;
  results.append(...found.slice(shown, shown + PAGE).map(card));
  more.hidden = results.childElementCount === found.length;
}

function show(characters, text, failed = false) {
  found = characters;
  results.replaceChildren();
  showMore();
  status.textContent = text;
  status.classList.toggle('failed', failed);
}

function summary(query, count) {
  if (count === 0) return `No character has all of these words in its name: ${query}`;
  const characters = count === 1 ? '1 character' : `${count.toLocaleString('en')} characters`;
  return `${characters} for “${query}”`;
}

async function search() {
  asking.abort();
  asking = new AbortController();
  const query = input.value.trim();
  if (!query) return show([], '');
  try {
    const response = await fetch('search?' + new URLSearchParams({q: query}), {signal: asking.signal});
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    const characters = await response.json();
    show(characters, summary(query, characters.length));
  } catch (error) {
    if (error.name !== 'AbortError') show([], `The server cannot be asked (${error.message}). Does it still run?`, true);
  }
}

/** Searches for what the address of the page says. */
function follow() {
  input.value = new URLSearchParams(location.search).get('q') ?? '';
  return search();
}

function goTo(query) {
  const address = query ? '?' + new URLSearchParams({q: query}) : location.pathname;
  if (address !== location.search) history.pushState(null, '', address);
  return follow();
}

form.addEventListener('submit', event => {
  event.preventDefault();
  goTo(input.value.trim());
});
for (const example of document.querySelectorAll('.examples a')) {
  example.addEventListener('click', event => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    goTo(example.textContent);
    input.focus();
  });
}
more.addEventListener('click', () => {
  const shown = results.childElementCount;
  showMore();
  const first = results.children[shown];
  first.tabIndex = -1;
  first.focus();
});
addEventListener('popstate', follow);
follow();
