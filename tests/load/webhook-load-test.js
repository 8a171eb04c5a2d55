// Load of payment notifications for k6, written by `golive export --load k6`. Repeat with:
//   export BASE_URL=https://api.staging.example WEBHOOK_PASSWORD=…
//   k6 run --no-usage-report FILE
// Arrivals do not wait for answers. What k6 could not start on time it counts as
// dropped_iterations and leaves out of every percentile: the thresholds allow none.
import http from "k6/http";
import crypto from "k6/crypto";
import exec from "k6/execution";
import { check } from "k6";

const BASE_URL = __ENV.BASE_URL || "";
const PASSWORD = __ENV.WEBHOOK_PASSWORD;
const WEBHOOK = {
  "path": "/api/webhooks/emp",
  "signature": "sha1",
  "timeout": "10s",
  "status": 200,
  "body": "<notification_echo><unique_id>{unique_id}</unique_id>",
  "header": ""
};

export const options = {
  "scenarios": {
    "1_ramp_0_to_50": {
      "executor": "ramping-arrival-rate",
      "startRate": 0,
      "stages": [
        {
          "duration": "60s",
          "target": 50
        }
      ],
      "timeUnit": "1s",
      "startTime": "0s",
      "gracefulStop": "10s",
      "preAllocatedVUs": 101,
      "maxVUs": 2000
    },
    "2_hold_50": {
      "executor": "constant-arrival-rate",
      "rate": 50,
      "duration": "180s",
      "timeUnit": "1s",
      "startTime": "60s",
      "gracefulStop": "10s",
      "preAllocatedVUs": 101,
      "maxVUs": 2000
    },
    "3_ramp_50_to_100": {
      "executor": "ramping-arrival-rate",
      "startRate": 50,
      "stages": [
        {
          "duration": "60s",
          "target": 100
        }
      ],
      "timeUnit": "1s",
      "startTime": "240s",
      "gracefulStop": "10s",
      "preAllocatedVUs": 201,
      "maxVUs": 2000
    },
    "4_hold_100": {
      "executor": "constant-arrival-rate",
      "rate": 100,
      "duration": "180s",
      "timeUnit": "1s",
      "startTime": "300s",
      "gracefulStop": "10s",
      "preAllocatedVUs": 201,
      "maxVUs": 2000
    },
    "5_ramp_100_to_0": {
      "executor": "ramping-arrival-rate",
      "startRate": 100,
      "stages": [
        {
          "duration": "60s",
          "target": 0
        }
      ],
      "timeUnit": "1s",
      "startTime": "480s",
      "gracefulStop": "10s",
      "preAllocatedVUs": 201,
      "maxVUs": 2000
    }
  },
  "thresholds": {
    "http_req_duration": [
      "p(95)<100",
      "p(99)<200"
    ],
    "http_req_failed": [
      "rate<0.01"
    ],
    "checks": [
      "rate>0.99"
    ],
    "dropped_iterations": [
      "count==0"
    ],
    "http_reqs": [
      "count>=35640"
    ],
    "http_req_duration{scenario:1_ramp_0_to_50}": [
      "p(95)<100",
      "p(99)<200"
    ],
    "http_req_duration{scenario:2_hold_50}": [
      "p(95)<100",
      "p(99)<200"
    ],
    "http_req_duration{scenario:3_ramp_50_to_100}": [
      "p(95)<100",
      "p(99)<200"
    ],
    "http_req_duration{scenario:4_hold_100}": [
      "p(95)<100",
      "p(99)<200"
    ],
    "http_req_duration{scenario:5_ramp_100_to_0}": [
      "p(95)<100",
      "p(99)<200"
    ]
  },
  "summaryTrendStats": [
    "min",
    "med",
    "p(95)",
    "p(99)",
    "max",
    "count"
  ]
};

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
