//! State documents: what is read from them, and what is said of a text that is none.

use driftline::model::State;
use driftline::tofu::state::{StateErrorKind as Kind, parse};

/// Checked against `tofu state list -state=FILE` of OpenTofu 1.12.6.
const EVERYTHING: &str = include_str!("../data/state/plain/everything.tfstate");

/// One line an instance: all that was read, in order.
fn dump(state: &State) -> String {
    let mut out = String::new();
    for instance in &state.instances {
        let name = instance
            .attributes
            .value()
            .unwrap()
            .get("name")
            .and_then(|n| n.as_text().map(str::to_owned))
            .unwrap_or_default();
        let provider = &instance.provider;
        out += &format!("{} {name:?} v{}", instance.address, instance.schema_version);
        out += &format!(
            " {}{}",
            if provider.beta { "beta" } else { "ga" },
            provider
                .alias
                .as_ref()
                .map_or(String::new(), |a| format!(".{a}"))
        );
        for (word, text) in [
            ("in", provider.module.clone()),
            ("deposed", instance.deposed.clone().unwrap_or_default()),
        ] {
            out += &if text.is_empty() {
                String::new()
            } else {
                format!(" {word} {text}")
            };
        }
        out += if instance.tainted { " tainted" } else { "" };
        for path in &instance.sensitive {
            out += &format!(" !{path}");
        }
        for dependency in &instance.dependencies {
            out += &format!(" <-{dependency}");
        }
        out += "\n";
    }
    out
}

#[test]
fn everything_a_state_can_hold_is_read() {
    let state = parse("x.tfstate", EVERYTHING).expect("a valid state");
    assert_eq!(
        dump(&state),
        r#"google_sql_database_instance.main "main" v3 ga tainted !root_password !settings[0].user_labels.env <-google_compute_network.this <-module.net.google_compute_subnetwork.a
google_sql_database_instance.main "old" v3 ga deposed 0a1b2c3d
google_redis_instance.cache[0] "zero" v0 beta.eu
google_redis_instance.cache[1] "one" v0 beta.eu
module.db["a/b"].module.inner[2].google_sql_user.this["x\"y"] "quoted <name>" v1 ga.own in module.db
module.db["a/b"].module.inner[2].google_sql_user.this["$${z}"] "dollar" v1 ga.own in module.db
google_brand_new_thing.unheard_of["eu"] "eu" v0 ga.by_region["eu"]
google_brand_new_thing.unheard_of["us"] "us" v0 ga.by_region["us"]
"#
    );
    assert_eq!((state.foreign, state.data, state.serial), (3, 1, 17));
    assert_eq!(
        (&*state.source, &*state.tofu_version, &*state.lineage),
        (
            "x.tfstate",
            "1.12.6",
            "3f9a2c52-6a2e-9b1d-52d4-0a2b1c3d4e5f"
        )
    );
}

#[test]
fn numbers_keep_their_digits_and_nothing_secret_is_printed() {
    let state = parse("x", EVERYTHING).expect("a valid state");
    assert!(
        state.instances[0]
            .attributes
            .as_str()
            .contains("12345678901234567890")
    );
    assert!(!format!("{state:?}").contains("planted-secret"));
}

#[test]
fn the_output_of_show_is_a_state_too() {
    let text = r#"{"format_version":"1.0","terraform_version":"1.12.6","values":{"outputs":{},"root_module":{
        "resources":[
            {"address":"google_sql_database.a","mode":"managed","type":"google_sql_database","name":"a","provider_name":"registry.opentofu.org/hashicorp/google","schema_version":1,"values":{"name":"a","x":[{"y":1}]},"sensitive_values":{"x":[{"y":true}]}},
            {"address":"data.google_project.p","mode":"data","type":"google_project","name":"p","provider_name":"registry.opentofu.org/hashicorp/google","schema_version":0,"values":{}},
            {"address":"null_resource.n","mode":"managed","type":"null_resource","name":"n","provider_name":"registry.opentofu.org/hashicorp/null","schema_version":0,"values":{}}],
        "child_modules":[{"address":"module.m[\"k\"]","resources":[
            {"address":"module.m[\"k\"].google_redis_instance.r[0]","mode":"managed","type":"google_redis_instance","name":"r","index":0,"provider_name":"registry.opentofu.org/hashicorp/google-beta","schema_version":0,"values":{"name":"r"},"sensitive_values":{},"tainted":true,"depends_on":["google_sql_database.a"]}]}]}}}"#;
    let state = parse("show.json", text).expect("the output of show");
    assert_eq!(
        dump(&state),
        "google_sql_database.a \"a\" v1 ga !x[0].y\nmodule.m[\"k\"].google_redis_instance.r[0] \"r\" v0 beta tainted <-google_sql_database.a\n"
    );
    assert_eq!((state.foreign, state.data), (1, 1));
    assert!(
        parse("empty", r#"{"format_version":"1.0"}"#)
            .expect("no resources")
            .instances
            .is_empty()
    );
}

#[track_caller]
fn refused(text: impl Into<Vec<u8>>, kind: Kind, message: &str) {
    let error = parse("some.tfstate", text).expect_err("not a state");
    assert_eq!((error.kind, &*error.message), (kind, message));
    assert!(
        !error.hint.is_empty() && !error.to_string().contains("planted-secret"),
        "{error}"
    );
}

#[test]
fn what_is_no_state_is_named_for_what_it_is() {
    refused("", Kind::Foreign, "the file is empty");
    refused(
        "PK\u{3}\u{4}zip",
        Kind::Plan,
        "this is a plan file, not a state",
    );
    refused(
        "\u{feff}{}",
        Kind::Syntax,
        "the file begins with a byte order mark, which tofu refuses",
    );
    refused(
        vec![0xFF, 0xFE, b'{', 0],
        Kind::Syntax,
        "the file is UTF-16, and state is UTF-8",
    );
    refused(
        "tfstate\u{0}",
        Kind::Version,
        "state format version 0, which no current tofu reads",
    );
    refused(
        r#"{"version":0}"#,
        Kind::Version,
        "state format version 0, which no tofu reads",
    );
    refused(
        r#"{"version":3,"modules":[{"path":["root"]}]}"#,
        Kind::Version,
        "state format version 3; driftline reads version 4",
    );
    refused(
        r#"{"version":1,"serial":"x","resources":{}}"#,
        Kind::Version,
        "state format version 1; driftline reads version 4",
    );
    refused(
        r#"{"version":5}"#,
        Kind::Version,
        "state format version 5, newer than this driftline reads (4)",
    );
    refused(
        r#"{"version":"4"}"#,
        Kind::Foreign,
        "this JSON is not a state: its `version` is not a whole number",
    );
    refused(
        r#"{"kind":"List","items":[]}"#,
        Kind::Foreign,
        "this JSON is not a state: it has no `version`",
    );
    refused(
        "[1,2]",
        Kind::Foreign,
        "this JSON is not a state: a state is one object",
    );
    refused(
        "\"text\"",
        Kind::Foreign,
        "this JSON is not a state: a state is one object",
    );
    refused("terraform {\n}", Kind::Syntax, "not JSON: expected ident");
    refused(
        "{\"version\":4} {",
        Kind::Syntax,
        "not JSON: trailing characters",
    );
    refused(
        r#"{"format_version":"1.2","planned_values":{},"resource_changes":[]}"#,
        Kind::Plan,
        "this is the JSON of a plan, not of a state",
    );
    refused(
        r#"{"version":3,"backend":{"type":"gcs"}}"#,
        Kind::Pointer,
        "this is the pointer that `tofu init` leaves: it names a backend and holds no resource",
    );
    let sealed = "the state is encrypted and no `encryption` configuration is at hand";
    refused(
        r#"{"serial":1,"lineage":"x","meta":{},"encrypted_data":"","encryption_version":"v0"}"#,
        Kind::Encrypted,
        sealed,
    );
    refused(
        r#"{"meta":{},"encrypted_data":"","encryption_version":"v0"}"#,
        Kind::Plan,
        "this is an encrypted plan, not a state",
    );
    refused(
        r#"{"serial":1,"encryption_version":"v9"}"#,
        Kind::Version,
        "encryption version \"v9\", and this driftline reads \"v0\"",
    );
}

#[test]
fn a_state_that_breaks_its_own_rules_is_refused_with_the_address() {
    let with = |instance: &str| {
        format!(
            r#"{{"version":4,"resources":[{{"mode":"managed","type":"t","name":"n","provider":"provider[\"hashicorp/google\"]","instances":[{instance}]}}]}}"#
        )
    };
    refused(
        with(r#"{"status":"odd","attributes":{}}"#),
        Kind::Foreign,
        "not a valid state: `t.n` has a status other than `tainted`",
    );
    refused(
        with(r#"{"index_key":true}"#),
        Kind::Foreign,
        "not a valid state: an instance of `t.n` has a key that is neither an integer nor text",
    );
    refused(
        with(r#"{"index_key":1.7}"#),
        Kind::Foreign,
        "not a valid state: an instance of `t.n` has a key that is no integer",
    );
    refused(
        with(r#"{"attributes":["planted-secret"]}"#),
        Kind::Foreign,
        "not a valid state: `t.n` has attributes that are no object",
    );
    refused(
        with(r#"{"schema_version":"planted-secret"}"#),
        Kind::Foreign,
        "not a valid state: invalid type: string, expected u64",
    );
    refused(
        r#"{"version":4,"serial":-1}"#,
        Kind::Foreign,
        "not a valid state: invalid value: integer, expected u64",
    );
    refused(
        r#"{"version":4,"resources":[{"mode":"managed","type":"t","name":"n","instances":[{}]}]}"#,
        Kind::Foreign,
        "not a valid state: resource `t.n` names no provider",
    );
    assert!(
        parse("x", with(r#"{"index_key":1}"#))
            .is_ok_and(|s| s.instances[0].address.to_string() == "t.n[1]")
    );
    assert!(parse("x", with("{}")).is_ok_and(|s| s.instances[0].attributes.as_str() == "{}"));
}

#[test]
fn a_state_cut_anywhere_is_said_to_be_cut() {
    let text = EVERYTHING.trim_end();
    for at in (1..text.len()).step_by(7) {
        let error = parse("x", &text.as_bytes()[..at]).expect_err("cut short");
        assert_eq!(error.kind, Kind::Truncated, "{at}: {error}");
        assert!(error.place.is_some());
    }
}

#[test]
fn of_a_member_that_stands_twice_the_last_counts() {
    let twice = EVERYTHING.replacen(
        "\"serial\": 17,",
        "\"serial\": 1, \"resources\": [], \"serial\": 18,",
        1,
    );
    let state = parse("x", twice).expect("a state");
    assert_eq!((state.serial, state.instances.len()), (18, 8));
    let emptied = format!(
        "{}, \"resources\": []}}",
        EVERYTHING.trim_end().trim_end_matches('}')
    );
    assert!(parse("x", emptied).is_ok_and(|s| s.instances.is_empty() && s.foreign == 0));
}

#[test]
fn invalid_utf8_becomes_a_replacement_character() {
    let mut bytes = EVERYTHING.as_bytes().to_vec();
    let at = EVERYTHING.find("\"zero\"").expect("in the fixture");
    bytes[at + 1] = 0xC3;
    assert!(dump(&parse("x", bytes).expect("still a state")).contains("\u{fffd}ero"));
}
