// The page's own script. It works on what the server sent, before and after Gradio takes it over.
(() => {
  'use strict';
  const root = document.getElementById('medfaq');
  const part = id => document.getElementById(id);
  const [talk, form, field, list, status] =
    ['mf-talk', 'mf-ask', 'mf-field', 'mf-suggestions', 'mf-status'].map(part);
  const said = JSON.parse(root.dataset.said);
  const {faq} = root.dataset;
  const wide = matchMedia('(min-width: 60rem)');
  const turns = () => [...talk.children];
  const shown = () => turns().filter(turn => !turn.hidden);
  document.documentElement.classList.add('mf-script');

  // Asking

  async function answerTo(question) {
    const response = await fetch('gradio_api/run/ask', {
      method: 'POST',
      headers: {'Content-Type': 'application/json'},
      body: JSON.stringify({data: [{question, faq}]}),
      signal: AbortSignal.timeout(30000),
    });
    if (!response.ok) throw new Error(response.status);
    return fragment((await response.json()).data[0]);
  }

  function fragment(html) {
    const template = document.createElement('template');
    template.innerHTML = html;
    return template.content.firstElementChild;
  }

  function turnFrom(id, question) {
    const turn = part(id).content.cloneNode(true).firstElementChild;
    turn.querySelector('.mf-asked').textContent = question;
    return turn;
  }

  async function ask(question) {
    question = question.trim();
    if (!question) return;
    turns().filter(turn => turn.hidden).forEach(turn => turn.remove());
    const turn = turnFrom('mf-waiting', question);
    talk.setAttribute('aria-busy', 'true');
    talk.append(turn);
    // Only a number is kept for the way back, and no question in the address.
    history.pushState({turns: turns().length}, '', address());
    show(turns().length);
    await answerInto(turn, question);
  }

  async function answerInto(turn, question) {
    const answer = await answerTo(question).catch(() => turnFrom('mf-trouble', question));
    const focused = turn.contains(document.activeElement);
    answer.hidden = turn.hidden;
    turn.replaceWith(answer);
    if (!talk.querySelector('.mf-waiting')) talk.removeAttribute('aria-busy');
    if (focused) answer.querySelector('.mf-asked').focus({preventScroll: true});
    if (answer !== shown().at(-1)) return;
    if (wide.matches) open(answer);
    // However long the message above it, what to do now is in view.
    const notice = answer.querySelector('.mf-urgent');
    if (notice?.getBoundingClientRect().top > innerHeight / 2)
      notice.scrollIntoView({block: 'start'});
  }

  function address(question) {
    const query = new URLSearchParams(location.search);
    query.delete('q');
    if (question) query.set('q', question);
    return location.pathname + (query.size ? '?' + query : '');
  }

  // The first so many turns are seen, and the last of them from its question on.
  function show(count) {
    turns().forEach((turn, number) => { turn.hidden = number >= count; });
    const last = shown().at(-1);
    root.className = last ? 'mf-talking' : 'mf-start';
    for (const turn of shown().slice(0, -1)) close(turn);
    if (last && wide.matches) open(last);
    if (count > 1) last.scrollIntoView({block: 'start'});
    else scrollTo(0, 0);
  }

  addEventListener('popstate', event => show(event.state?.turns ?? 0));

  // Where an answer comes from

  const isOpen = turn => turn.classList.contains('mf-opened');
  function setOpen(turn, opened) {
    const link = turn.querySelector('.mf-open');
    if (!link) return;
    turn.classList.toggle('mf-opened', opened);
    link.setAttribute('aria-expanded', String(opened));
    const scroll = turn.querySelector('.mf-scroll');
    const mark = scroll.querySelector('mark');
    if (opened) scroll.scrollTop = mark.closest('li').offsetTop - 60;
  }
  const open = turn => setOpen(turn, true);
  const close = turn => setOpen(turn, false);

  // Copying

  async function copy(text, button, done) {
    let copied = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement('textarea');
      area.value = text;
      document.body.append(area);
      area.select();
      copied = document.execCommand('copy');
      area.remove();
      button.focus();
    }
    status.textContent = copied ? done : said.copy_failed;
    const label = button.dataset.label ??= button.textContent;
    button.textContent = status.textContent;
    setTimeout(() => { button.textContent = label; }, 2000);
  }

  root.addEventListener('click', event => {
    const turn = event.target.closest('.mf-turn');
    const hit = name => event.target.closest(name);
    if (!turn) return;
    const question = turn.querySelector('.mf-asked').textContent;
    if (hit('.mf-open')) {
      event.preventDefault();
      open(turn);
      const title = turn.querySelector('.mf-source h3');
      title.focus({preventScroll: true});
      title.scrollIntoView({block: 'start'});
    } else if (hit('.mf-close')) {
      close(turn);
      turn.querySelector('.mf-open').focus();
    } else if (hit('.mf-copy')) {
      const answer = turn.querySelector('.mf-answer').textContent;
      copy(`${answer}\n\n${hit('.mf-tools').dataset.citation}`, hit('.mf-copy'), said.copied);
    } else if (hit('.mf-link')) {
      copy(location.origin + address(question), hit('.mf-link'), said.copied_link);
    } else if (hit('.mf-again')) {
      const again = turnFrom('mf-waiting', question);
      turn.replaceWith(again);
      again.querySelector('.mf-asked').focus({preventScroll: true});
      answerInto(again, question);
    }
  });

  // The field

  form.addEventListener('submit', event => {
    event.preventDefault();
    const chosen = event.submitter?.value;
    ask(chosen || field.value);
    hideSuggestions();
    if (chosen) {
      shown().at(-1).querySelector('.mf-asked').focus({preventScroll: true});
    } else if (field.value.trim()) {
      field.value = '';
      fit();
      // On a phone the keyboard would stand over the answer.
      if (matchMedia('(pointer: coarse)').matches) field.blur();
    } else {
      field.focus();
    }
  });

  field.addEventListener('keydown', event => {
    if (event.isComposing) return;
    const options = list.hidden ? [] : [...list.children];
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      const chosen = active();
      if (chosen) choose(chosen);
      else form.requestSubmit();
    } else if (event.key === 'Escape') {
      if (options.length) hideSuggestions();
      else field.value = '';
      fit();
    } else if (options.length && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      const places = options.length + 1;
      const at = options.indexOf(active()) + 1;
      activate(options[((at + step + places) % places) - 1]);
    }
  });

  field.addEventListener('input', () => { fit(); suggest(); });
  field.addEventListener('blur', () => hideSuggestions());

  function fit() {
    if (CSS.supports('field-sizing', 'content')) return;
    field.style.height = 'auto';
    field.style.height = `${field.scrollHeight + 4}px`;
  }

  // Suggestions, found here among the FAQ's questions: what is typed is not sent before it is asked

  let questions = null;
  let counts = null;
  const words = text => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
    .match(/[\p{L}\p{N}_]+/gu) ?? [];

  async function loadQuestions() {
    if (questions) return;
    questions = [];
    const response = await fetch(root.dataset.questions);
    if (!response.ok) return;
    questions = (await response.json()).map(([question, others]) =>
      ({question, own: words(question), others: others.split(' ')}));
    suggest();
  }

  // A word counts for more the fewer questions have it, and for more in the question itself.
  function matching(typed) {
    const scores = new Map();
    const begins = (list, word) => list.some(other => other.startsWith(word));
    for (const word of new Set(words(typed))) {
      const found = questions
        .map(each => [each, begins(each.own, word) ? 2 : begins(each.others, word) ? 1 : 0])
        .filter(([, weight]) => weight);
      const rarity = Math.log(1 + questions.length / (1 + found.length));
      for (const [each, weight] of found)
        scores.set(each, (scores.get(each) ?? 0) + weight * rarity);
    }
    return [...scores].sort((one, other) => other[1] - one[1]).slice(0, 4).map(([each]) => each);
  }

  function suggest() {
    const typed = field.value;
    const found = questions && typed.trim().length > 1 && !typed.includes('\n')
      ? matching(typed) : [];
    if (!found.length) return hideSuggestions();
    list.replaceChildren(...found.map(({question}, number) => {
      const option = document.createElement('li');
      option.id = `mf-suggestion-${number}`;
      option.setAttribute('role', 'option');
      option.setAttribute('aria-selected', 'false');
      option.dir = 'auto';
      option.textContent = question;
      return option;
    }));
    list.hidden = false;
    field.removeAttribute('aria-activedescendant');
    const count = found.length;
    clearTimeout(counts);
    counts = setTimeout(() => {
      status.textContent = count === 1
        ? said.suggested_one : said.suggested.replace('{count}', count);
    }, 600);
  }

  const active = () => list.querySelector('[aria-selected="true"]');
  function activate(option) {
    active()?.setAttribute('aria-selected', 'false');
    if (!option) return field.removeAttribute('aria-activedescendant');
    option.setAttribute('aria-selected', 'true');
    field.setAttribute('aria-activedescendant', option.id);
    option.scrollIntoView({block: 'nearest'});
  }

  function hideSuggestions() {
    clearTimeout(counts);
    list.hidden = true;
    list.replaceChildren();
    field.removeAttribute('aria-activedescendant');
  }

  function choose(option) {
    field.value = option.textContent;
    form.requestSubmit();
  }

  // The field keeps its focus while a suggestion is pressed.
  list.addEventListener('pointerdown', event => event.preventDefault());
  list.addEventListener('click', event => {
    const option = event.target.closest('[role=option]');
    if (option) choose(option);
  });

  // Printing

  addEventListener('beforeprint', () => {
    const date = new Date().toLocaleDateString(root.lang, {dateStyle: 'long'});
    root.dataset.printed = said.printed.replace('{date}', date);
  });

  // Gradio loads once all is quiet, and its component then holds this very page. The page moves as
  // it is, with the caret in it; a browser that cannot move it so keeps it where it is.

  window.medfaq = {
    takeOver(element) {
      const stage = document.querySelector('gradio-app');
      const first = root.parentElement;
      const {scrollX, scrollY} = window;
      stage.hidden = false;
      element.replaceChildren();
      element.moveBefore(root, null);
      first.remove();
      document.documentElement.lang = root.lang;
      const back = () => scrollTo(scrollX, scrollY);
      back();
      // On a narrow screen the browser scrolls once more, after this and before it paints.
      requestAnimationFrame(back);
    },
  };

  function bringGradio() {
    const stage = document.createElement('gradio-app');
    const attributes = {
      src: `${location.origin}/`, embed: 'false', container: 'false', eager: 'true',
      initial_height: '0', info: 'false',
    };
    for (const [name, value] of Object.entries(attributes)) stage.setAttribute(name, value);
    stage.hidden = true;
    document.body.append(stage);
    const script = document.createElement('script');
    script.type = 'module';
    script.src = root.dataset.frontend;
    document.head.append(script);
  }

  function whenQuiet() {
    const later = window.requestIdleCallback ?? (call => setTimeout(call, 200));
    later(loadQuestions);
    const wanted = root.dataset.frontend && !navigator.connection?.saveData;
    if (wanted && 'moveBefore' in Element.prototype) setTimeout(() => later(bringGradio), 500);
  }

  show(turns().length);
  history.replaceState({turns: turns().length}, '');
  if (document.readyState === 'complete') whenQuiet();
  else addEventListener('load', whenQuiet, {once: true});
})();
