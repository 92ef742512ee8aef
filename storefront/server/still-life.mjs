// The drawing on the first page. Its colours are in shop.css.

import { html } from "./html.mjs";

export function stillLife() {
  return html`<svg class="still-life" viewBox="0 0 320 300" aria-hidden="true" focusable="false">
    <path class="arch" d="M60 276V150a100 100 0 0 1 200 0v126z"/>
    <circle class="sun" cx="212" cy="112" r="24"/>
    <path class="shelf-board" d="M24 276h272"/>
    <g class="branch">
    <path d="M146 186C140 142 146 100 172 54"/>
    <path d="M144 160c-12-24-28-40-48-52"/>
    <path d="M148 124c14-8 26-12 44-12"/>
    </g>
    <g class="leaves">
    <path d="M172 54c-2-20 4-32 18-42 4 18-2 32-18 42z"/>
    <path d="M159 82c-18-6-26-16-28-32 18 4 28 14 28 32z"/>
    <path d="M163 74c12-14 26-18 42-12-10 14-24 18-42 12z"/>
    <path d="M149 112c-20 0-30-8-38-22 20-2 32 6 38 22z"/>
    <path d="M192 112c8-12 20-16 36-12-8 14-20 18-36 12z"/>
    <path d="M168 116c4-14 12-20 26-20-2 14-12 22-26 20z"/>
    <path d="M96 108c-18-2-28-10-34-26 20-2 32 8 34 26z"/>
    <path d="M116 124c-18 6-30 2-42-10 18-8 32-4 42 10z"/>
    <path d="M129 138c-2-16 4-26 18-34 4 16-2 28-18 34z"/>
    <path d="M145 148c12-12 24-16 40-12-8 14-22 18-40 12z"/>
    </g>
    <path class="vase" d="M134 186h24c0 14 3 18 12 28 14 16 14 48-8 62h-32c-22-14-22-46-8-62 9-10 12-14 12-28z"/>
    <path class="glint" d="M128 224c-6 12-5 26 2 36"/>
    <path class="bowl" d="M186 250h70c-2 16-14 26-35 26s-33-10-35-26z"/>
    <circle class="fruit" cx="208" cy="241" r="13"/>
    <circle class="fruit" cx="233" cy="242" r="12"/>
    <path class="bowl" d="M186 250h70c-1 6-3 11-6 15h-58c-3-4-5-9-6-15z"/>
  </svg>`;
}
