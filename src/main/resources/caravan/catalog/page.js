'use strict';
(() => {
  // Everything that comes from outside is text: it is set as text, and becomes part of an address or of a command only
  // if it has the form that docs/format.md gives it.
  const LARGEST = 65536;
  const BASE = /^https?:\/\/(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:\/[A-Za-z0-9._~%+=@:,-]+)*$/;
  const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
  const SNAPSHOT = /^[0-9]{8}T[0-9]{6}Z-(?:0|[1-9][0-9]{0,17})$/;
  const KEY = /^SHA256:[A-Za-z0-9+/]{43}$/;
  const ENGINES = {rocksdb: 'RocksDB', paritydb: 'ParityDB', unknown: 'other engine'};
  const CAPTURES = {live: 'while it ran', freeze: 'frozen', stop: 'stopped', hook: 'by a hook', copy: 'copied'};
  const STATES = {
    'ok': 'warm', 'going': 'being warmed', 'partial': 'partly warm', 'failed': 'no answer',
    'wrong-pop': 'another place answered'
  };

  const byId = (id) => document.getElementById(id);
  const clocks = [];

  /** An element with properties, attributes (data-, aria-, role and the like) and children, which are elements or texts. */
  const make = (tag, options, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(options || {})) {
      if (name.includes('-') || name === 'role' || name === 'scope') {
        element.setAttribute(name, value);
      } else {
        element[name] = value;
      }
    }
    element.append(...children.filter((child) => child !== ''));
    return element;
  };

  // ---- numbers and times ----

  const text = (value) => typeof value === 'string' ? value : '';
  const number = (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 0;
  const list = (value) => Array.isArray(value) ? value : [];
  const object = (value) => value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
  const count = (value) => number(value).toLocaleString('en');
  const known = (words, word) => Object.hasOwn(words, word) ? words[word] : word;

  const size = (bytes) => {
    const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
    let value = number(bytes);
    let unit = 0;
    while (value >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return (unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)) + '\u00a0' + units[unit];
  };

  const share = (part, whole) => {
    const percent = whole > 0 ? 100 * part / whole : 0;
    const edge = percent > 0 && percent < 1 || percent > 99 && percent < 100;
    return (percent > 0 && percent < 0.1 ? '<0.1' : percent > 99.9 && percent < 100 ? '>99.9'
        : edge ? percent.toFixed(1) : Math.round(percent)) + '\u00a0%';
  };

  const speed = (pass) => {
    const rate = number(pass.bytes) / 1000 / Math.max(number(pass.millis), 1);
    return number(pass.objects) === 0 ? -1 : rate;
  };
  const megabytes = (rate) => (rate >= 100 ? Math.round(rate) : rate.toFixed(1)) + '\u00a0MB/s';
  const millis = (micros) => (micros >= 10000 ? Math.round(micros / 1000) : (micros / 1000).toFixed(1)) + '\u00a0ms';

  const span = (seconds) => {
    const steps = [[60, 'second', 1], [3600, 'minute', 60], [172800, 'hour', 3600], [Infinity, 'day', 86400]];
    const [, word, unit] = steps.find(([limit]) => seconds < limit);
    const units = Math.floor(seconds / unit);
    return units + '\u00a0' + word + (units === 1 ? '' : 's');
  };
  const pause = (ms) => ms === 0 ? 'not at all' : ms < 1000 ? ms + '\u00a0ms' : ms < 60000
      ? (ms / 1000).toFixed(1) + '\u00a0s' : span(ms / 1000);

  const instant = (value) => Date.parse(text(value));
  const date = (time) => new Intl.DateTimeFormat('en-GB',
      {day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC'}).format(time);
  const moment = (time) => Number.isNaN(time) ? 'unknown' : new Intl.DateTimeFormat('en-GB', {
    day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZone: 'UTC'
  }).format(time) + ' UTC';
  const brief = (time) => moment(time).replace(/ \d{4},/, ',');
  const ago = (time) => {
    const seconds = (Date.now() - time) / 1000;
    return Number.isNaN(time) ? 'unknown' : seconds < -60 ? 'in ' + span(-seconds)
        : seconds < 5 ? 'just now' : span(Math.max(seconds, 0)) + ' ago';
  };

  /** A text that changes as time passes. */
  const ticking = (element, words) => {
    const tick = () => {
      const now = words();
      if (element.textContent !== now) {
        element.textContent = now;
      }
    };
    tick();
    clocks.push(tick);
    return element;
  };
  const age = (time) => ticking(
      make('time', {dateTime: Number.isNaN(time) ? '' : new Date(time).toISOString(), title: moment(time)}),
      () => ago(time));

  // ---- parts ----

  const bar = (part, plain) => {
    const fill = make('span', {hidden: part <= 0});
    fill.style.width = (100 * Math.min(part, 1)) + '%';
    return make('span', {className: plain ? 'bar plain' : 'bar', 'aria-hidden': 'true'}, fill);
  };
  const more = (...children) => make('span', {className: 'more'}, ...children);
  const fact = (term, ...value) => make('div', {}, make('dt', {}, term), make('dd', {}, ...value));
  const cell = (label, ...children) => make('td', {role: 'cell', 'data-label': label}, make('div', {}, ...children));
  const row = (...cells) => make('tr', {role: 'row'}, ...cells);

  const table = (kind, label, heads, rows) => make('table', {className: kind, role: 'table', 'aria-label': label},
      make('thead', {role: 'rowgroup'},
          row(...heads.map((head) => make('th', {role: 'columnheader', scope: 'col'}, head)))),
      make('tbody', {role: 'rowgroup'}, ...rows));

  const copied = async (value, source) => {
    try {
      await navigator.clipboard.writeText(value);
      return true;
    } catch (refused) {
      // Without https there is no clipboard for scripts, but there is the old way.
      const selection = getSelection();
      const area = source || document.body.appendChild(make('span', {className: 'unseen'}, value));
      selection.selectAllChildren(area);
      const done = document.execCommand('copy');
      if (!source) {
        area.remove();
      }
      return done;
    }
  };
  const copyButton = (value, what, source, small) => {
    const button = make('button', {type: 'button', className: small ? 'small' : '', 'aria-label': 'Copy ' + what}, 'Copy');
    button.addEventListener('click', async () => {
      const done = await copied(value, source);
      button.textContent = done ? 'Copied' : 'Select it';
      byId('spoken').textContent = done ? 'Copied ' + what : 'Could not copy ' + what;
      setTimeout(() => {
        button.textContent = 'Copy';
      }, 2000);
    });
    return button;
  };
  /** A command that breaks between its words; what is shown, selected and copied is the same. */
  const command = (label, words, what) => {
    const code = make('code', {}, ...words.flatMap(
        (word, at) => at === 0 ? [make('span', {}, word)] : [' ', make('span', {}, word)]));
    return make('div', {className: 'command'},
        make('span', {className: 'label'}, label), code, copyButton(words.join(' '), what, code));
  };

  // ---- one database ----

  const changeOf = (snapshot) => {
    const change = object(snapshot.change);
    const whole = number(change.newBytes) + number(change.reusedBytes);
    if (!('newBytes' in change)) {
      return ['unknown'];
    }
    if (change.since === '') {
      return ['everything', more('the first snapshot')];
    }
    return [size(change.newBytes), bar(whole > 0 ? change.newBytes / whole : 0),
      more(share(number(change.newBytes), whole) + ' of it, the rest as before')];
  };

  const kept = (snapshot) => {
    const until = instant(snapshot.retainUntil);
    const left = (until - Date.now()) / 1000;
    const late = left < 86400;
    return [date(until), make('span', {className: late ? 'more warn' : 'more'},
        left < 0 ? 'no longer promised' : span(left) + ' left')];
  };

  // What was found in full is for whoever points at it; that a snapshot is bad is for everybody.
  const drilled = (drill) => {
    const told = /^(passed|failed) (\S+): (.*)$/.exec(drill);
    if (drill === '' || drill === 'none') {
      return more('no drill yet');
    }
    if (told === null) {
      return more('drill: ' + drill);
    }
    const when = ' ' + date(instant(told[2]));
    return told[1] === 'passed' ? make('span', {className: 'more', title: told[3]}, 'drill passed' + when)
      : make('span', {className: 'more warn'}, 'drill failed' + when + ': ' + told[3]);
  };

  const verified = (snapshot) => [text(snapshot.verification) || 'unknown', drilled(text(snapshot.drill))];

  const captured = (snapshot) => {
    const capture = object(snapshot.capture);
    const words = text(capture.mode).split('+').map((mode) => known(CAPTURES, mode)).join(', ');
    return [pause(number(capture.pauseMillis)), more('captured ' + (words || 'in an unknown way'))];
  };

  const height = (snapshot) => number(snapshot.height) === 0 ? ['unknown'] : [count(snapshot.height)];

  const facts = (snapshot) => {
    const totals = object(snapshot.totals);
    const created = instant(snapshot.createdAt);
    return make('dl', {className: 'facts'},
        fact('Block, at least', ...height(snapshot)),
        fact('Size', size(totals.bytes),
            more(count(totals.files) + '\u00a0files, ' + count(totals.chunks) + '\u00a0chunks')),
        fact('Captured', age(created), more(brief(created))),
        fact('What is new', ...changeOf(snapshot)),
        fact('Kept until', ...kept(snapshot)),
        fact('Verified', ...verified(snapshot)),
        fact('Node paused', ...captured(snapshot)));
  };

  const refused = (name, refusals) => make('details', {},
      make('summary', {}, 'Found bad', more(count(refusals.length))),
      table('older', 'Snapshots of ' + name + ' that were found bad', ['Snapshot', 'Found', 'Why'],
          refusals.map((refusal) => row(
              make('th', {role: 'rowheader', scope: 'row'}, text(refusal.snapshot)),
              cell('Found', age(instant(refusal.at))),
              cell('Why', make('span', {className: 'warn'}, text(refusal.why)))))));

  const link = (path, words, what) => make('a', {href: path, 'aria-label': what}, words);

  const older = (name, base, key, snapshots) => make('details', {open: snapshots.length < 6},
      make('summary', {}, 'Older snapshots', more(count(snapshots.length))),
      table('older', 'Older snapshots of ' + name, ['Block, at least', 'Captured', 'Size', 'New in it', 'Kept until', 'Verified', 'Node paused', ''],
          snapshots.map((snapshot) => {
            const id = text(snapshot.snapshot);
            const place = name + '/' + id + '/';
            const value = ['caravan fetch', base + '/' + name + '/' + id, './' + name, '--key', key].join(' ');
            return row(
                make('th', {role: 'rowheader', scope: 'row'}, ...height(snapshot), more(id)),
                cell('Captured', age(instant(snapshot.createdAt))),
                cell('Size', size(object(snapshot.totals).bytes)),
                cell('New in it', ...changeOf(snapshot).filter((part) => typeof part === 'string')),
                cell('Kept until', ...kept(snapshot)),
                cell('Verified', ...verified(snapshot).slice(0, text(snapshot.drill).startsWith('failed ') ? 2 : 1)),
                cell('Node paused', pause(number(object(snapshot.capture).pauseMillis))),
                make('td', {role: 'cell', className: 'links'},
                    link(place + 'record', 'record', 'Record of ' + id),
                    link(place + 'manifest.jsonl', 'manifest', 'Manifest of ' + id),
                    copyButton(value, 'the command that fetches ' + id, null, true)));
          })));

  // ---- regions ----

  const hits = (pass) => {
    const said = number(pass.hits) + number(pass.misses);
    return said === 0 ? -1 : number(pass.hits) / said;
  };
  const pair = (label, part, value, kind, plain) => make('div', {className: 'pair' + kind},
      make('span', {className: 'label'}, label), bar(part, plain), make('span', {className: 'value'}, value));

  const later = (look) => {
    const hours = number(look.afterSeconds) / 3600;
    return hours < 1 ? Math.round(hours * 60) + ' min' : hours < 48 ? Math.round(hours) + ' h' : Math.round(hours / 24) + ' d';
  };

  const regionRow = (region, fastest) => {
    const cold = object(region.cold);
    const warm = object(region.warm);
    const state = text(region.state);
    const reason = text(region.reason);
    const ratio = (pass) => hits(pass) < 0 ? '–' : share(hits(pass), 1);
    const rate = (pass) => speed(pass) < 0 ? '–' : megabytes(speed(pass));
    const first = (pass) => number(pass.objects) === 0 ? '–'
        : millis(number(pass.firstByteP50Micros)) + ' · ' + millis(number(pass.firstByteP95Micros));
    const places = list(region.pops).map(text).filter((pop) => pop !== '').join(', ');
    const line = (label, value) => make('div', {className: 'first'}, make('span', {className: 'label'}, label), value);
    return row(
        make('th', {role: 'rowheader', scope: 'row'}, text(region.region),
            more(known(STATES, state) + (number(region.errors) > 0 ? ', ' + count(region.errors) + ' errors' : '')),
            reason === '' ? '' : make('span', {className: 'more warn'}, reason),
            places === '' ? '' : more('answered by ' + places)),
        cell('In the cache', pair('before', hits(cold), ratio(cold), '', true), pair('after', hits(warm), ratio(warm), ''),
            ...list(region.looks).map(object).slice(0, 4).map((look) => pair(later(look), hits(look), ratio(look), ''))),
        cell('Speed', pair('cold', speed(cold) / fastest, rate(cold), ' wide', true),
            pair('warm', speed(warm) / fastest, rate(warm), ' wide')),
        cell('First byte', line('cold', first(cold)), line('warm', first(warm))));
  };

  const regions = (name, report) => {
    const measured = list(report.regions).map(object);
    const fastest = Math.max(1e-9, ...measured.flatMap(
        (region) => [speed(object(region.cold)), speed(object(region.warm))]));
    return [
      make('h3', {}, 'Edges', more('measured ', age(instant(report.measuredAt)))),
      table('edges', 'Edges of ' + name + ', by region',
          ['Region', 'In the cache', 'Speed', 'First byte, median · 95 %'],
          measured.map((region) => regionRow(region, fastest)))];
  };

  const readLine = async (path) => {
    const answer = await fetch(path, {cache: 'no-cache', credentials: 'omit', redirect: 'error'});
    if (!answer.ok) {
      throw Object.assign(new Error('the server answered ' + answer.status), {status: answer.status});
    }
    const body = await answer.text();
    if (body.length > LARGEST * 16) {
      throw new Error('it is larger than it can be');
    }
    return object(JSON.parse(body.split('\n', 1)[0]));
  };

  const fillRegions = async (section, name, id) => {
    try {
      const report = await readLine(name + '/' + id + '/regions.json');
      if (text(report.format) !== 'caravan-regions-1') {
        throw new Error('it is in a form that this page does not know');
      }
      section.replaceChildren(...(list(report.regions).length === 0
          ? [make('h3', {}, 'Edges'), make('p', {className: 'label'}, 'No region is set up to be warmed and measured.')]
          : regions(name, report)));
    } catch (failure) {
      const absent = failure.status === 404 || failure.status === 403;
      section.replaceChildren(make('h3', {}, 'Edges'), make('p', {className: 'label'}, absent
          ? 'Nothing was measured for this snapshot yet.' : 'The measurements cannot be read: ' + failure.message + '.'));
    }
  };

  const isUsable = (database) => NAME.test(text(database.database)) && KEY.test(text(database.key))
      && list(database.snapshots).length > 0
      && list(database.snapshots).every((snapshot) => SNAPSHOT.test(text(object(snapshot).snapshot)));

  const isLate = (database) => Date.now() > instant(database.expectedBy);

  const article = (database, base) => {
    const name = text(database.database);
    const title = make('h2', {id: 'database-' + name}, name || 'without a name');
    if (!isUsable(database)) {
      return make('article', {}, make('div', {className: 'name'}, title), make('p', {className: 'notice'},
          make('strong', {}, 'This entry is not in the form that the catalog must have. '),
          'No command or link is made of it; tell the publisher.'));
    }
    const snapshots = database.snapshots.map(object);
    const newest = snapshots[0];
    const key = database.key;
    const place = base + '/' + name;
    const kind = [text(newest.network), text(newest.role), text(newest.pruning) && 'pruning ' + text(newest.pruning),
      [...new Set(list(newest.engines).map(text))].map((engine) => known(ENGINES, engine)).join(' and '),
      text(newest.nodeVersion) && 'node ' + text(newest.nodeVersion)];
    const late = isLate(database);
    const state = make('span', {className: late ? 'state warn' : 'state'}, late ? 'Late' : 'Current');
    const edges = make('section', {}, make('h3', {}, 'Edges'), make('p', {className: 'label'}, 'Reading…'));
    fillRegions(edges, name, newest.snapshot);
    const files = make('div', {className: 'command'},
        make('span', {className: 'label'}, 'Files'),
        make('span', {className: 'links'},
            link(name + '/' + newest.snapshot + '/record', 'record', 'Record of ' + newest.snapshot),
            link(name + '/' + newest.snapshot + '/manifest.jsonl', 'manifest', 'Manifest of ' + newest.snapshot),
            link(name + '/' + newest.snapshot + '/aria2.txt', 'aria2', 'List for aria2 of ' + newest.snapshot),
            link(name + '/' + newest.snapshot + '/SHA256SUMS', 'SHA256SUMS', 'Hashes of ' + newest.snapshot)));
    const parts = [
      make('div', {className: 'name'}, title, state),
      make('p', {className: 'kind'}, kind.filter((word) => word !== '').join(' · '))];
    if (late) {
      parts.push(make('p', {className: 'notice'}, make('strong', {}, 'Late. '),
          'A newer snapshot was expected by ' + moment(instant(database.expectedBy))
          + '. What is published can still be restored.'));
    }
    parts.push(facts(newest), make('section', {},
        make('h3', {}, 'Restore', more(newest.snapshot)),
        command('With Caravan', ['caravan fetch', place, './' + name, '--key ' + key], 'the command for Caravan'),
        command('With a script', ['curl -fsSLO ' + base + '/sync.sh', '&& bash sync.sh', place, './' + name,
          '--key ' + key], 'the command for sync.sh'),
        command('Key to trust', [key], 'the fingerprint'), files), edges);
    if (snapshots.length > 1) {
      parts.push(make('section', {}, older(name, base, key, snapshots.slice(1))));
    }
    const bad = list(database.refused).map(object);
    if (bad.length > 0) {
      parts.push(make('section', {}, refused(name, bad)));
    }
    return make('article', {'aria-labelledby': title.id}, ...parts);
  };

  // ---- the page ----

  const fail = (reason) => {
    const again = make('button', {type: 'button'}, 'Try again');
    again.addEventListener('click', show);
    byId('summary').textContent = 'The catalog cannot be read';
    byId('databases').replaceChildren(make('div', {className: 'notice', role: 'alert'},
        make('strong', {}, 'The catalog cannot be read. '), reason + '. ',
        'That says nothing about the snapshots: clients do not use the catalog, and a database whose address you know can be '
        + 'restored as ever.', make('br'), again));
  };

  const summarize = (catalog, databases) => {
    const late = databases.filter((database) => isUsable(database) && isLate(database)).length;
    const words = databases.length === 0 ? 'No database is published yet'
        : late > 0 ? late + ' of ' + databases.length + (late === 1 ? ' is late' : ' are late')
            : databases.length === 1 ? '1 database, current' : databases.length + ' databases, all current';
    byId('summary').replaceChildren(make('strong', {}, words), ' · catalog of ', age(instant(catalog.generatedAt)));
  };

  async function show() {
    clocks.length = 0;
    let catalog;
    try {
      catalog = await readLine('catalog.json');
    } catch (failure) {
      fail(failure instanceof SyntaxError ? 'It is damaged' : failure instanceof TypeError
          ? 'The server cannot be reached' : failure.message[0].toUpperCase() + failure.message.slice(1));
      return;
    }
    if (text(catalog.format) !== 'caravan-catalog-1') {
      fail('It is in a form that this page does not know');
      return;
    }
    const here = new URL('.', document.baseURI).href.replace(/\/$/, '');
    const base = BASE.test(text(catalog.publicUrl)) ? catalog.publicUrl : BASE.test(here) ? here : 'BASE-URL';
    const databases = list(catalog.databases).map(object);
    const publisher = text(catalog.publisher) || base.replace(/^https?:\/\//, '');
    byId('publisher').textContent = publisher;
    document.title = 'Snapshots · ' + publisher;
    byId('databases').replaceChildren(...databases.map((database) => article(database, base)));
    byId('origin').replaceChildren('Read from ', make('a', {href: 'catalog.json'}, 'catalog.json'),
        ' at ' + base + '. Times are UTC; sizes are powers of 1024, speeds powers of 1000.');
    summarize(catalog, databases);
  }

  setInterval(() => clocks.forEach((tick) => tick()), 15000);
  show();
})();
