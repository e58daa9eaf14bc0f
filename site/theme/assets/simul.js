// SPDX-License-Identifier: Apache-2.0
// Who chooses a language in one pair of tabs has chosen it in all, and on the next page; who chooses light or dark, in the reference too.
(() => {
  const LANGUAGE = 'simul.language';
  const DARK = 'dokka-dark-mode';

  const read = key => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };

  const write = (key, value) => {
    try {
      localStorage.setItem(key, value);
    } catch {
      // Without storage, each page begins anew.
    }
  };

  const labels = () => [...document.querySelectorAll('.tabbed-labels > label')];
  const inputOf = label => document.getElementById(label.htmlFor);

  const show = language => labels()
    .filter(label => label.textContent.trim() === language && !inputOf(label).checked)
    .forEach(label => { inputOf(label).checked = true; });

  const chosen = read(LANGUAGE);
  if (chosen) show(chosen);

  labels().forEach(label => inputOf(label).addEventListener('change', () => {
    const before = label.getBoundingClientRect().top;
    const language = label.textContent.trim();
    show(language);
    write(LANGUAGE, language);
    // What was looked at stays where it was, though the tabs above it have other heights now.
    window.scrollBy({top: label.getBoundingClientRect().top - before, behavior: 'instant'});
  }));

  document.querySelectorAll('[data-md-component=palette] input').forEach(input => input.addEventListener('change', () => {
    write(DARK, JSON.stringify(input.dataset.mdColorScheme === 'slate'));
  }));
})();
