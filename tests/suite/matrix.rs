//! Every fault, at every service, at every kind of call: the right answer or a gap, and never a false `missing`.
//! The outcome is the table in `tests/README.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::looks::{self, Lagging, lagging};
use crate::support;
use crate::support::cloud::Fault;
use crate::support::estate::{Estate, PROJECT, Planted};
use driftline::collect::{Settings, collect};
use driftline::compare::{Inputs, Verdict, compare};
use driftline::model::{Capture, GapReason, State};
use driftline::normalize::normalize;
use driftline::tofu::state;
use serde_json::{Value, json};

/// The calls a fault strikes, as the table has them.
const PLACES: [&str; 5] = [
    "first page",
    "later page",
    "per-parent call",
    "second look",
    "token call",
];

fn refusal(status: u16, reason: &str, more: &'static str) -> Fault {
    Fault::Status(
        status,
        json!({"error": {"code": status, "message": "injected", "errors": [{"reason": reason}]}}),
        more,
    )
}

/// Every fault and how often it strikes; 0 is always.
fn faults() -> Vec<(&'static str, usize, Fault)> {
    vec![
        ("401", 0, refusal(401, "authError", "")),
        ("403: permission denied", 0, refusal(403, "forbidden", "")),
        (
            "403: API disabled",
            0,
            refusal(403, "accessNotConfigured", ""),
        ),
        ("403: rate, twice", 2, refusal(403, "rateLimitExceeded", "")),
        ("404", 0, refusal(404, "notFound", "")),
        ("429, twice", 2, refusal(429, "rateLimitExceeded", "")),
        (
            "429 with Retry-After, twice",
            2,
            refusal(429, "rateLimitExceeded", "Retry-After: 0\r\n"),
        ),
        (
            "429 with Retry-After beyond the time",
            0,
            refusal(429, "rateLimitExceeded", "Retry-After: 3600\r\n"),
        ),
        ("503, twice", 2, refusal(503, "backendError", "")),
        ("503", 0, refusal(503, "backendError", "")),
        ("400", 0, refusal(400, "invalid", "")),
        (
            "redirect to another host",
            0,
            Fault::Status(302, json!({}), "Location: https://elsewhere.example/\r\n"),
        ),
        ("connection reset, once", 1, Fault::Reset),
        ("connection reset", 0, Fault::Reset),
        ("body cut off, once", 1, Fault::Truncated),
        ("body cut off", 0, Fault::Truncated),
        (
            "HTML in place of JSON",
            0,
            Fault::Body("<html>sign in to the hotel's network</html>".to_owned()),
        ),
        ("JSON of another shape", 0, Fault::Body("[1, 2]".to_owned())),
        (
            "nesting bomb",
            0,
            Fault::Body(format!("{{\"items\":{}", "[".repeat(5000))),
        ),
        ("no answer in time", 0, Fault::Slow(Duration::from_secs(20))),
        (
            "page token that is a number",
            0,
            Fault::Edit(|body| body["nextPageToken"] = json!(7)),
        ),
        (
            "page token that came before",
            0,
            Fault::Edit(|body| body["nextPageToken"] = json!("second")),
        ),
        ("names that are numbers", 0, Fault::Edit(nameless)),
        ("a place left out, and named", 0, Fault::Edit(partial)),
    ]
}

/// Gives every object of a list a name that is no text.
fn nameless(body: &mut Value) {
    for list in lists(body) {
        for object in list.iter_mut().filter(|object| object.is_object()) {
            object["name"] = json!(7);
        }
    }
}

/// Partial success: what lies in a place is left out, and the place is named.
fn partial(body: &mut Value) {
    lists(body).into_iter().for_each(Vec::clear);
    body["unreachable"] = json!([format!("projects/{PROJECT}/locations/us-central1")]);
}

/// The lists of a body, those of groups too.
fn lists(body: &mut Value) -> Vec<&mut Vec<Value>> {
    match body {
        Value::Array(list) => vec![list],
        Value::Object(members) => members.values_mut().flat_map(lists).collect(),
        _ => Vec::new(),
    }
}

/// Whether a fault can only strike a list.
fn of_lists(fault: &Fault) -> bool {
    matches!(fault, Fault::Edit(_))
}

/// The calls of one estate, by service: where a fault can strike, and the types whose objects come from there.
struct Target {
    service: String,
    place: &'static str,
    /// The end of the request line.
    request: String,
    types: BTreeSet<String>,
    /// Whether the answer is a list.
    list: bool,
}

struct Lab {
    estate: Estate,
    whole: Capture,
    states: Vec<State>,
    /// The same, whose lists have lost an object of each kind that GET still has.
    lagging: Lagging,
}

async fn lab() -> Lab {
    let planted = Planted {
        secret: "s".to_owned(),
        text: "text".to_owned(),
        ..Planted::default()
    };
    let estate = Estate::grow(support::catalog(), planted).await;
    let whole = estate.read(&estate.settings()).await;
    assert!(whole.gaps.is_empty(), "{:?}", whole.gaps);
    let document = estate.state(&whole, &|_| ()).to_string();
    let states = vec![state::parse("estate", document.into_bytes()).unwrap()];
    Lab {
        estate,
        whole,
        states,
        lagging: lagging().await,
    }
}

impl Lab {
    /// One call of each kind at each service.
    fn targets(&self) -> Vec<Target> {
        let mut found: BTreeMap<(String, &str), Target> = BTreeMap::new();
        for page in &self.whole.pages {
            let listing = &self.estate.catalog.listings[&page.listing];
            let place = match (
                page.scope.parent.is_some(),
                page.request.contains("pageToken=second"),
            ) {
                (_, true) => PLACES[1],
                (true, false) => PLACES[2],
                (false, false) => PLACES[0],
            };
            let rtype = listing.name.split('.').next().unwrap().to_owned();
            let key = (listing.service.clone(), place);
            found.entry(key).or_insert_with(|| Target {
                service: listing.service.clone(),
                place,
                request: format!("{}$", page.request),
                types: BTreeSet::from([rtype]),
                list: !listing.items.is_empty(),
            });
        }
        found.into_values().collect()
    }

    /// What a fault at a call does; panics where something goes missing without a word.
    async fn strike(&self, target: &Target, name: &str, times: usize, fault: &Fault) -> String {
        let case = format!(
            "{name} at the {} of {} ({})",
            target.place, target.service, target.request
        );
        let mut settings = Settings {
            request_timeout: Duration::from_secs(20),
            timeout: Duration::from_secs(60),
            ..self.estate.settings()
        };
        if let Fault::Slow(_) = fault {
            settings.request_timeout = Duration::from_millis(700);
            settings.tries = 1;
        }
        self.estate.cloud.heal();
        self.estate
            .cloud
            .plant(&target.request, times, fault.clone());
        let read = collect(
            &self.estate.catalog,
            &settings,
            &[PROJECT.to_owned()],
            Some(&target.types),
            &|_| (),
        )
        .await;
        let capture = read.unwrap_or_else(|error| panic!("{case}: {error}"));
        self.judge(&case, &target.types, &capture)
    }

    /// What a fault does to second looks, at one object of each service that its list has lost.
    async fn look(
        &self,
        name: &str,
        times: usize,
        fault: &Fault,
    ) -> BTreeMap<String, BTreeSet<String>> {
        let estate = &self.lagging.estate;
        let mut lost: BTreeMap<&str, &(String, String)> = BTreeMap::new();
        for one in self.lagging.apart() {
            let service = &estate.catalog.listings[&one.0].service;
            lost.entry(service.as_str()).or_insert(one);
        }
        assert!(lost.len() > 10, "{lost:?}");
        let mut settings = Settings {
            request_timeout: Duration::from_secs(20),
            timeout: Duration::from_secs(60),
            ..estate.settings()
        };
        if let Fault::Slow(_) = fault {
            settings.request_timeout = Duration::from_millis(700);
            settings.tries = 1;
        }
        estate.cloud.heal();
        for (_, path) in lost.values() {
            estate
                .cloud
                .plant(&format!("{path}$"), times, fault.clone());
        }
        // The lists answer at once, whatever the second look does.
        let types = lost.values().map(|(rtype, _)| rtype.clone()).collect();
        let states = &self.lagging.states;
        let capture = looks::read(&estate.catalog, &settings, &types, states, 1000).await;
        if name != "404" {
            assert!(
                capture.looks.gone.is_empty(),
                "{name}: {:?}",
                capture.looks.gone
            );
            judge(
                &format!("{name} at second looks"),
                estate,
                states,
                &types,
                &capture,
            );
        }
        let mut outcomes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (service, (rtype, _)) in lost {
            let gap = (capture.gaps.iter())
                .find(|gap| gap.listing == *rtype && gap.scope.object.is_some());
            let gone = capture
                .looks
                .gone
                .iter()
                .any(|(listing, _)| listing == rtype);
            let outcome = match (gap, gone) {
                (Some(gap), _) => gap.reason.as_str(),
                (None, true) => "missing",
                (None, false) => "right",
            };
            let of = outcomes.entry(outcome.to_owned()).or_default();
            of.insert(service.to_owned());
        }
        outcomes
    }

    /// The word for a capture: right, or the reason of its gaps.
    fn judge(&self, case: &str, types: &BTreeSet<String>, capture: &Capture) -> String {
        judge(case, &self.estate, &self.states, types, capture)
    }

    /// A fault at the call for a token, which no service is spared.
    async fn token(&self, name: &str, times: usize, fault: &Fault) -> String {
        self.estate.cloud.heal();
        self.estate.cloud.put(
            "token",
            json!({"access_token": "t", "expires_in": 3600, "token_type": "Bearer"}),
        );
        self.estate.cloud.plant("token$", times, fault.clone());
        let mut settings = Settings {
            token_timeout: Duration::from_secs(10),
            ..self.estate.settings()
        };
        settings.request_timeout = Duration::from_secs(20);
        settings.timeout = Duration::from_secs(60);
        if let Fault::Slow(_) = fault {
            settings.token_timeout = Duration::from_millis(300);
        }
        settings.credentials.access_token = None;
        let key = json!({"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r",
            "token_uri": format!("http://{}/token", self.estate.cloud.address)});
        settings.credentials.key = Some(("GOOGLE_CREDENTIALS".to_owned(), key.to_string()));
        let types: BTreeSet<String> = self.estate.catalog.definitions.keys().cloned().collect();
        let capture = self.estate.read(&settings).await;
        assert!(
            capture
                .gaps
                .iter()
                .all(|gap| gap.reason == GapReason::Unauthenticated),
            "{name}: {:?}",
            capture.gaps
        );
        self.judge(&format!("{name} at the token call"), &types, &capture)
    }
}

/// The word for a capture: right, or the reason of its gaps.
fn judge(
    case: &str,
    estate: &Estate,
    states: &[State],
    types: &BTreeSet<String>,
    capture: &Capture,
) -> String {
    let normalized = normalize(capture, &estate.catalog);
    let types: Vec<String> = types.iter().cloned().collect();
    let comparison = compare(&Inputs {
        types: Some(&types),
        ..Inputs::new(&estate.catalog, capture, &normalized, states)
    });
    let missing: Vec<_> = comparison
        .rows
        .iter()
        .filter(|row| row.verdict == Verdict::Missing)
        .filter_map(|row| row.address.as_ref())
        .collect();
    assert!(
        missing.is_empty(),
        "{case}: false missing {missing:?}; gaps {:?}",
        capture.gaps
    );
    let hidden = comparison
        .rows
        .iter()
        .any(|row| row.verdict == Verdict::Unknown);
    if capture.gaps.is_empty() {
        assert!(!hidden, "{case}: unknown without a gap");
        return "right".to_owned();
    }
    assert!(
        capture
            .gaps
            .iter()
            .all(|gap| !gap.detail.is_empty() && !gap.fix.is_empty()),
        "{case}: {:?}",
        capture.gaps
    );
    let reasons: BTreeSet<&str> = capture.gaps.iter().map(|gap| gap.reason.as_str()).collect();
    reasons.into_iter().collect::<Vec<_>>().join(", ")
}

/// The table of the outcomes: a fault a line, a kind of call a column. Services that differ are named.
fn table(outcomes: &BTreeMap<(usize, &str), BTreeMap<String, BTreeSet<String>>>) -> String {
    let mut out = format!(
        "| fault | {} |\n|---|{}\n",
        PLACES.join(" | "),
        "---|".repeat(PLACES.len())
    );
    for (at, (name, ..)) in faults().iter().enumerate() {
        let cell = |place: &&str| {
            let Some(found) = outcomes.get(&(at, *place)) else {
                return "–".to_owned();
            };
            let word = |word: &String| match word.as_str() {
                "right" => "right answer".to_owned(),
                "missing" => "missing".to_owned(),
                reason => format!("gap: {reason}"),
            };
            match found.len() {
                1 => word(found.keys().next().unwrap()),
                _ => found.keys().map(word).collect::<Vec<_>>().join(" or "),
            }
        };
        out.push_str(&format!(
            "| {name} | {} |\n",
            PLACES.iter().map(cell).collect::<Vec<_>>().join(" | ")
        ));
    }
    out
}

/// Puts a table between the marks of `tests/README.md`.
fn held(name: &str, table: &str) -> Option<String> {
    let file = Path::new("tests/README.md");
    let text = std::fs::read_to_string(file).unwrap();
    let (start, end) = (
        format!("<!-- {name}, written by tests/suite/matrix.rs -->\n"),
        format!("<!-- end of {name} -->"),
    );
    let (head, rest) = text.split_once(&start).expect("the mark of the table");
    let (_, tail) = rest.split_once(&end).expect("the mark of its end");
    support::expect(file, &format!("{head}{start}{table}{end}{tail}"))
        .map(|wrong| format!("{wrong}\nUPDATE_EXPECT=1 rewrites it"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_at_every_call_of_every_service_is_right_or_a_gap() {
    let lab = Arc::new(lab().await);
    let targets = lab.targets();
    let services: BTreeSet<&String> = targets.iter().map(|target| &target.service).collect();
    let (mut outcomes, mut cases) = (BTreeMap::<_, BTreeMap<String, BTreeSet<String>>>::new(), 0);
    for (at, (name, times, fault)) in faults().into_iter().enumerate() {
        for target in targets.iter().filter(|target| {
            !of_lists(&fault) || target.list && !target.request.contains("/locations/global/")
        }) {
            let outcome = lab.strike(target, name, times, &fault).await;
            outcomes
                .entry((at, target.place))
                .or_default()
                .entry(outcome)
                .or_default()
                .insert(target.service.clone());
            cases += 1;
        }
        if !of_lists(&fault) {
            outcomes.insert((at, PLACES[3]), lab.look(name, times, &fault).await);
            cases += 1;
        }
        // Token services know no 403 that passes.
        if !name.contains("rate, twice") && !of_lists(&fault) {
            let outcome = lab.token(name, times, &fault).await;
            outcomes
                .entry((at, PLACES[4]))
                .or_default()
                .entry(outcome)
                .or_default()
                .insert("all".to_owned());
            cases += 1;
        }
    }
    assert!(
        cases > 400 && services.len() > 10,
        "only {cases} cases at {} services",
        services.len()
    );
    let reads = |line: &String| {
        let path = line.split('?').next().unwrap();
        line.starts_with("GET ")
            || line == "POST token"
            || (line.starts_with("POST ") && path.ends_with(":getIamPolicy"))
    };
    let clouds = [&lab.estate.cloud, &lab.lagging.estate.cloud];
    let others: Vec<String> = clouds
        .into_iter()
        .flat_map(|cloud| cloud.log())
        .filter(|line| !reads(line))
        .collect();
    assert!(others.is_empty(), "only reads are sent: {others:?}");
    let wrong = held("the fault matrix", &table(&outcomes));
    assert!(
        wrong.is_none(),
        "{}\n{outcomes:?}",
        wrong.unwrap_or_default()
    );
}

/// The ways of the APIs to say that a place is missing from an answer that looks whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn places_out_of_reach_hide_what_lies_there() {
    let lab = lab().await;
    let first = |page: &&driftline::model::Page| {
        page.scope.parent.is_none() && !page.request.contains("pageToken")
    };
    for page in lab.whole.pages.iter().filter(first) {
        let listing = &lab.estate.catalog.listings[&page.listing];
        if listing.items.is_empty() || !lab.estate.catalog.definitions.contains_key(&page.listing) {
            continue;
        }
        let place = format!("projects/{PROJECT}/locations/us-central1");
        let (last, around) = listing.items.split_last().unwrap();
        let last = last.split('|').next().unwrap();
        let stand_in = json!({ last: [{"name": format!("{place}/instances/-")}]});
        let stand_in = around.iter().rev().fold(
            stand_in,
            |inner, key| json!({ (if key == "*" { "regions/us-central1" } else { key }): inner }),
        );
        let warning = json!({"code": "UNREACHABLE", "message": "injected"});
        let grouped = json!({"items": {"regions/us-central1": {"warning": warning}}});
        let mut ways: Vec<Value> = ["unreachable", "unreachables", "missingZones", "failedLocations"]
            .iter()
            .map(|name| json!({ *name: [if name.contains("Zones") { "us-central1-a".to_owned() } else { place.clone() }] }))
            .collect();
        ways.extend([
            json!({"warnings": [{"code": "REGION_UNREACHABLE", "region": "us-central1"}]}),
            stand_in,
        ]);
        if listing.items.iter().any(|key| key == "*") {
            ways.push(grouped);
        }
        // What is of no place is out of no place's reach.
        if page.request.contains("/locations/global/") {
            continue;
        }
        for way in ways {
            let types = BTreeSet::from([page.listing.clone()]);
            lab.estate.cloud.heal();
            lab.estate.cloud.plant(
                &format!("{}$", page.request),
                0,
                Fault::Body(way.to_string()),
            );
            let capture = collect(
                &lab.estate.catalog,
                &lab.estate.settings(),
                &[PROJECT.to_owned()],
                Some(&types),
                &|_| (),
            )
            .await
            .unwrap();
            assert!(
                !capture.gaps.is_empty(),
                "{}: {way} passes without a word",
                page.listing
            );
            lab.judge(&format!("{way} of {}", page.listing), &types, &capture);
        }
    }
}
