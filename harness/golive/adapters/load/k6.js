// Load of payment notifications for k6, written by `golive export --load k6`. Repeat with:
//   export BASE_URL=https://api.staging.example WEBHOOK_PASSWORD=…
//   k6 run --no-usage-report FILE
// Arrivals do not wait for answers. What k6 could not start on time it counts as
// dropped_iterations and leaves out of every percentile: the thresholds allow none.
import http from "k6/http";
import crypto from "k6/crypto";
import exec from "k6/execution";
import { check } from "k6";

const BASE_URL = __ENV.BASE_URL || @BASE_URL@;
const PASSWORD = __ENV.WEBHOOK_PASSWORD;
const WEBHOOK = @WEBHOOK@;

export const options = @OPTIONS@;

// Once for all virtual users: ids that no other run has used.
export function setup() {
  if (!BASE_URL || !PASSWORD) {
    throw new Error("BASE_URL or WEBHOOK_PASSWORD is not set: export it (a secret is in no file)");
  }
  return { run: __ENV.RUN_ID || `${Date.now()}-${Math.random()}` };
}

function bare(text) {
  return String(text).replace(/\s+/g, "");
}

function isExpected(answer, uniqueId) {
  const [name, value] = WEBHOOK.header.split(": ");
  return (
    answer.status === WEBHOOK.status &&
    bare(answer.body).includes(bare(WEBHOOK.body.replace("{unique_id}", uniqueId))) &&
    (!name || answer.headers[canonical(name)] === value)
  );
}

// k6 writes the names of headers like this: X-Request-Id.
function canonical(name) {
  return name.toLowerCase().replace(/(^|-)[a-z]/g, (letters) => letters.toUpperCase());
}

export default function ({ run }) {
  const place = `${exec.scenario.name}/${exec.scenario.iterationInTest}`;
  const uniqueId = crypto.sha256(`${run}/${place}`, "hex").slice(0, 32);
  const form = {
    transaction_id: `k6-${uniqueId.slice(0, 8)}`,
    unique_id: uniqueId,
    transaction_type: "sdd_sale",
    status: "approved",
    amount: "1000",
    signature: crypto[WEBHOOK.signature](uniqueId + PASSWORD, "hex"),
  };
  const answer = http.post(BASE_URL + WEBHOOK.path, form, { timeout: WEBHOOK.timeout });
  check(answer, { "the answer acknowledges the notification": () => isExpected(answer, uniqueId) });
}
