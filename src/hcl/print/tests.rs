use std::collections::BTreeMap;

use hcl_edit::expr::{Expression as Parsed, ObjectKey};
use hcl_edit::structure::{Body as ParsedBody, Structure};
use hcl_edit::template::Element;
use proptest::prelude::*;
use serde_json::json;

use super::*;

/// What a body says, as JSON: attributes by name, blocks as lists under their type and labels.
fn read(body: &ParsedBody) -> serde_json::Value {
    let mut out = serde_json::Map::new();
    for structure in body.iter() {
        match structure {
            Structure::Attribute(attribute) => {
                out.insert(attribute.key.to_string(), value(&attribute.value));
            }
            Structure::Block(block) => {
                let labels: Vec<_> = block.labels.iter().map(|label| label.to_string()).collect();
                let name = [block.ident.to_string(), labels.join(" ")].join(" ");
                let list = out.entry(name).or_insert_with(|| json!([]));
                list.as_array_mut().unwrap().push(read(&block.body));
            }
        }
    }
    serde_json::Value::Object(out)
}

fn value(expression: &Parsed) -> serde_json::Value {
    match expression {
        Parsed::Null(_) => json!(null),
        Parsed::Bool(b) => json!(*b.value()),
        Parsed::Number(number) => serde_json::from_str(&number.value().to_string()).unwrap(),
        Parsed::UnaryOp(op) => serde_json::from_str(&format!("-{}", value(&op.expr))).unwrap(),
        Parsed::String(text) => json!(text.value()),
        Parsed::StringTemplate(template) => json!(literals(template.iter())),
        Parsed::HeredocTemplate(heredoc) => json!(literals(heredoc.template.iter())),
        Parsed::FuncCall(call) => {
            assert_eq!(call.name.name.as_str(), "chomp");
            json!(
                value(call.args.iter().next().unwrap())
                    .as_str()
                    .unwrap()
                    .trim_end_matches('\n')
            )
        }
        Parsed::Array(items) => items.iter().map(value).collect(),
        Parsed::Object(members) => {
            let key = |key: &ObjectKey| match key {
                ObjectKey::Ident(name) => name.to_string(),
                ObjectKey::Expression(expression) => value(expression).as_str().unwrap().to_owned(),
            };
            members
                .iter()
                .map(|(k, v)| (key(k), value(v.expr())))
                .collect()
        }
        other => panic!("not printed by us: {other:?}"),
    }
}

fn literals<'a>(elements: impl Iterator<Item = &'a Element>) -> String {
    let literal = |element: &Element| match element {
        Element::Literal(text) => text.value().to_string(),
        other => panic!("a template was opened: {other:?}"),
    };
    elements.map(literal).collect()
}

#[track_caller]
fn parsed(text: &str) -> ParsedBody {
    text.parse()
        .unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[track_caller]
fn returns(value: serde_json::Value) -> String {
    let mut body = Body::default();
    body.attribute("x", Expression::Value(Value::from_json(value.clone())));
    let text = body.print();
    assert_eq!(read(&parsed(&text)), json!({ "x": value }), "{text}");
    text
}

#[test]
fn text_that_looks_like_syntax_stays_text() {
    for text in [
        "",
        "a\"b",
        "${var.x}",
        "%{if}",
        "$${x}",
        "%%{x",
        "%${x}",
        "$%{x}",
        "$$$",
        "100%",
        "\\",
        "\\n",
        "a\tb",
        "a\r\nb",
        "\u{0}",
        "\u{7f}\u{2028}\u{feff}",
        "EOT",
        "a\nEOT\nb\n",
        "a\n  EOT\nb",
        "${a}\n%{b}\n",
        "line\nline\n\n\n",
        "x\n$${y}\n",
        "é😀",
        "# c",
        "a\n",
    ] {
        returns(json!(text));
    }
}

#[test]
fn layout() {
    let mut inner = Body::default();
    inner.attribute("tier", Expression::Value("db-f1-micro".into()));
    inner.attribute("disk_size", Expression::Value(Value::int(10)));
    inner.block("flags", &[], Body::default());
    inner.block(
        "window",
        &[],
        Body {
            items: vec![Item::Attribute(
                "day".into(),
                Expression::Value(Value::int(7)),
            )],
        },
    );
    let mut body = Body::default();
    body.comment("One.\nTwo.");
    body.attribute("name", Expression::Value("main".into()));
    body.attribute(
        "network",
        Expression::Verbatim("google_compute_network.main.id".into()),
    );
    body.attribute(
        "labels",
        Expression::Value(Value::from_json(json!({"env": "prod", "goog-x/y": "é"}))),
    );
    body.attribute(
        "zones",
        Expression::List(vec![
            Expression::Value("a".into()),
            Expression::Verbatim("b.c".into()),
        ]),
    );
    body.attribute("doc", Expression::Value("one\ntwo\n".into()));
    body.attribute("end", Expression::Value("one\ntwo".into()));
    body.block("settings", &[], inner);
    let mut file = Body::default();
    file.block("resource", &["t", "n"], body);
    file.block("empty", &[], Body::default());
    let expected = r#"resource "t" "n" {
  # One.
  # Two.
  name    = "main"
  network = google_compute_network.main.id
  labels = {
    env        = "prod"
    "goog-x/y" = "é"
  }
  zones = ["a", b.c]
  doc   = <<EOT
one
two
EOT
  end = chomp(<<EOT
one
two
EOT
  )

  settings {
    tier      = "db-f1-micro"
    disk_size = 10

    flags {}

    window {
      day = 7
    }
  }
}

empty {}
"#;
    assert_eq!(file.print(), expected);
}

#[test]
fn long_lists_take_a_line_each() {
    let text = returns(json!(
        (0..20)
            .map(|n| format!("10.0.{n}.0/24"))
            .collect::<Vec<_>>()
    ));
    assert_eq!(text.lines().count(), 22);
}

/// JSON trees as attributes hold them.
pub(crate) fn tree() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|b| json!(b)),
        any::<i64>().prop_map(|n| json!(n)),
        any::<i32>().prop_map(|n| json!(f64::from(n) / 16.0)),
        "\\PC{0,12}".prop_map(|s| json!(s)),
        "[\\$%{}\"\\\\\n\ta]{0,12}".prop_map(|s| json!(s)),
        proptest::collection::vec(any::<char>(), 0..6)
            .prop_map(|c| json!(c.into_iter().collect::<String>())),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(|items| json!(items)),
            proptest::collection::btree_map("[a-z_/ \\$\"é]{1,8}", inner, 0..5)
                .prop_map(|map| json!(map)),
        ]
    })
}

/// Numbers as HCL has them: one kind.
fn leveled(value: serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Number(n) => json!(n.as_f64().unwrap()),
        serde_json::Value::Array(items) => items.into_iter().map(leveled).collect(),
        serde_json::Value::Object(map) => map.into_iter().map(|(k, v)| (k, leveled(v))).collect(),
        other => other,
    }
}

proptest! {
    #[test]
    fn arbitrary_trees_read_back_equal(attributes in proptest::collection::btree_map("[a-z][a-z_0-9]{0,8}", tree(), 0..6)) {
        let mut inner = Body::default();
        for (name, value) in &attributes {
            inner.attribute(name, Expression::Value(Value::from_json(value.clone())));
        }
        let mut body = Body::default();
        body.block("resource", &["t", "n"], inner);
        let text = body.print();
        let wanted: serde_json::Map<String, serde_json::Value> = attributes.into_iter().collect::<BTreeMap<_, _>>().into_iter().collect();
        let read = read(&parsed(&text));
        let (_, blocks) = read.as_object().unwrap().iter().next().unwrap();
        prop_assert_eq!(leveled(blocks[0].clone()), leveled(serde_json::Value::Object(wanted)), "{}", text);
    }
}
