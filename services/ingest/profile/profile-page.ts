/** A dataset version on one page: `profile.html`, self-contained, without script, the same for the same version. Pure. */
import { changesSection } from './changes-section.ts';
import { columnsSection } from './columns-section.ts';
import { correlationSection } from './correlation-section.ts';
import { filesSection } from './files-section.ts';
import { flowSection } from './flow-section.ts';
import { Html, html, nothing } from './html.ts';
import { missingSection } from './missing-section.ts';
import { observationsOf } from './observations.ts';
import { pageStyle } from './page-style.ts';
import type { ProfileInput } from './profile-input.ts';
import { summary } from './summary-section.ts';
import { targetSection } from './target-section.ts';

/** Nothing is fetched and no script runs, whatever the data holds. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

const CONTENTS = [
  ['rows', 'Rows'],
  ['cleaning', 'Cleaning'],
  ['target', 'Target'],
  ['columns', 'Distributions'],
  ['missing', 'Missing values'],
  ['correlations', 'Correlations'],
  ['files', 'Files'],
] as const;

export function profilePage(input: ProfileInput): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta http-equiv="Content-Security-Policy" content="${POLICY}" />
<link rel="icon" href="data:," />
<title>${input.pipeline}: profile of dataset ${input.version}</title>
<style>${new Html(pageStyle)}</style>
</head>
<body>
<header>${summary(input)}<nav aria-label="Contents"><ul>${CONTENTS.map(
    ([id, title]) => html`<li><a href="#${id}">${title}</a></li>`,
  )}</ul></nav></header>
<main>
${attention(input)}
${flowSection(input)}
${changesSection(input)}
${targetSection(input)}
${columnsSection(input)}
${missingSection(input)}
${correlationSection(input)}
${filesSection(input)}
</main>
<footer>Distributions and correlations are of the training rows alone.</footer>
</body>
</html>
`.text;
}

function attention(input: ProfileInput): Html {
  const noticed = observationsOf(input);
  if (input.warnings.length + noticed.length === 0) return nothing;
  return html`<section id="attention"><h2>Worth a look</h2>${input.warnings.map(
    (warning) => html`<p class="warning"><strong>Quality gate:</strong> ${warning}</p>`,
  )}${noticed.length > 0 && html`<ul>${noticed.map((line) => html`<li>${line}</li>`)}</ul>`}</section>`;
}
