// SPDX-License-Identifier: Apache-2.0
// Light or dark in Javadoc's pages as in Dokka's, which have a switch of their own: what the system says, or what was chosen on any page.
(() => {
  const KEY = 'dokka-dark-mode';
  const root = document.documentElement;
  let chosen = null;
  try {
    chosen = localStorage.getItem(KEY);
  } catch {
    // Without storage, each page begins anew.
  }
  const dark = chosen === null ? matchMedia('(prefers-color-scheme: dark)').matches : chosen === 'true';
  root.classList.toggle('theme-dark', dark);

  document.addEventListener('DOMContentLoaded', () => {
    if (document.getElementById('theme-toggle-button')) return;
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'simul-switch';
    button.textContent = '◐';
    button.title = button.ariaLabel = 'Switch between light and dark';
    button.addEventListener('click', () => {
      const now = root.classList.toggle('theme-dark');
      try {
        localStorage.setItem(KEY, JSON.stringify(now));
      } catch {
        // The page at hand follows all the same.
      }
    });
    document.querySelector('.simul-bar').append(button);
  });
})();
