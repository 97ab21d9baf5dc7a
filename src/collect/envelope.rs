//! What a body says beside its objects: whether there is more, and which places are not in it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

/// A body taken apart, without copying the objects in it.
#[derive(Debug, Default)]
pub(super) struct Envelope<'a> {
    /// The objects, each with the key of its group in a grouped list.
    pub objects: Vec<(Option<String>, &'a RawValue)>,
    /// Whether there is more.
    pub next: Next,
    /// What is not in the list although it may be there.
    pub unreachable: Vec<Unreachable>,
    /// An object whose name is no text, if there is one.
    pub nameless: bool,
}

/// Whether a list goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Next {
    /// This is the last page.
    #[default]
    End,
    /// There is a page by this token.
    Page(String),
    /// There is something where the token stands that is none: whether there is more is not known.
    Malformed,
}

impl Next {
    /// What a member that holds a token says; absent and empty is the end.
    pub fn read(raw: Option<&RawValue>) -> Self {
        let Some(raw) = raw.filter(|raw| raw.get() != "null") else {
            return Self::End;
        };
        match serde_json::from_str::<String>(raw.get()) {
            Ok(token) if token.is_empty() => Self::End,
            Ok(token) => Self::Page(token),
            Err(_) => Self::Malformed,
        }
    }
}

/// What an API says that it could not reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unreachable {
    /// The bare location, where one is named.
    pub location: Option<String>,
    /// The name of the one object that is meant, where it is no more than one.
    pub object: Option<String>,
    /// A sentence.
    pub detail: String,
}

type Members<'a> = BTreeMap<String, &'a RawValue>;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Warning {
    code: Option<String>,
    message: Option<String>,
    region: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Place {
    location: Option<String>,
    name: Option<String>,
}

/// Codes of warnings that take nothing away from a list.
const HARMLESS: [&str; 3] = [
    "NO_RESULTS_ON_PAGE",
    "MAX_RESULTS_EXCEEDS_LIMIT",
    "DEPRECATED_RESOURCE_USED",
];

/// The members by which APIs list what they could not reach.
const PLACES: [&str; 5] = [
    "unreachable",
    "unreachables",
    "missingZones",
    "failedLocations",
    "failedLocation",
];

impl<'a> Envelope<'a> {
    /// Takes a body apart; `items` is the path of its objects, empty when the body is the object itself.
    ///
    /// # Errors
    /// One line, if the body has another shape than the definition says.
    pub fn read(body: &'a RawValue, items: &[String]) -> Result<Self, String> {
        let mut out = Self::default();
        if items.is_empty() {
            if !is_object(body) {
                return Err("the answer is not an object".to_owned());
            }
            out.objects.push((None, body));
            return Ok(out);
        }
        let top = members(body).ok_or("the answer is not an object")?;
        let listed = |key: &str| top.contains_key(key);
        if listed("error") && !items[0].split('|').any(listed) {
            return Err("the answer is an error that calls itself a success".to_owned());
        }
        out.next = Next::read(top.get("nextPageToken").copied());
        out.notes(&top, None);
        let mut place = String::new();
        out.walk(body, items, None, &mut place)?;
        out.placeholders();
        Ok(out)
    }

    /// Goes down to the objects.
    fn walk(
        &mut self,
        raw: &'a RawValue,
        path: &[String],
        group: Option<&str>,
        place: &mut String,
    ) -> Result<(), String> {
        if raw.get() == "null" {
            return Ok(());
        }
        let Some((key, rest)) = path.split_first() else {
            let wrong = || {
                format!(
                    "`{}` is not a list of objects",
                    place.trim_start_matches('.')
                )
            };
            let elements: Vec<&'a RawValue> =
                serde_json::from_str(raw.get()).map_err(|_| wrong())?;
            if elements.iter().any(|element| !is_object(element)) {
                return Err(wrong());
            }
            self.nameless |= elements.iter().any(|element| is_nameless(element));
            self.objects.extend(
                elements
                    .into_iter()
                    .map(|element| (group.map(str::to_owned), element)),
            );
            return Ok(());
        };
        let below = members(raw)
            .ok_or_else(|| format!("`{}` is not an object", place.trim_start_matches('.')))?;
        if key == "*" {
            for (name, value) in &below {
                if let Some(group_members) = members(value) {
                    self.notes(&group_members, Some(name));
                }
                self.walk(value, rest, Some(name), place)?;
            }
            return Ok(());
        }
        match key.split('|').find_map(|key| Some((key, *below.get(key)?))) {
            Some((key, value)) => {
                place.push('.');
                place.push_str(key);
                self.walk(value, rest, group, place)
            }
            None => Ok(()),
        }
    }

    /// Reads what a level says of missing places; `group` is the scope the level stands for.
    fn notes(&mut self, level: &Members<'a>, group: Option<&str>) {
        for name in PLACES {
            let Some(raw) = level.get(name).filter(|raw| raw.get() != "null") else {
                continue;
            };
            let Ok(entries) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) else {
                self.missing((None, None), &format!("`{name}`: {}", raw.get()));
                continue;
            };
            for entry in entries {
                let text = serde_json::from_str::<String>(entry.get())
                    .ok()
                    .or_else(|| {
                        let place = serde_json::from_str::<Place>(entry.get()).ok()?;
                        place.location.or(place.name)
                    });
                let text = text.unwrap_or_else(|| "-".to_owned());
                self.missing(place(&text), &format!("the API could not reach {text}"));
            }
        }
        let Some(raw) = level
            .get("warning")
            .or_else(|| level.get("warnings"))
            .filter(|raw| raw.get() != "null")
        else {
            return;
        };
        let read = serde_json::from_str::<Vec<Warning>>(raw.get())
            .or_else(|_| serde_json::from_str(raw.get()).map(|one| vec![one]));
        let Ok(read) = read else {
            self.missing((None, None), &format!("`warning`: {}", raw.get()));
            return;
        };
        for warning in read {
            let code = warning.code.unwrap_or_default();
            if HARMLESS.contains(&code.as_str()) || (code.is_empty() && warning.region.is_none()) {
                continue;
            }
            let place = warning
                .region
                .as_deref()
                .and_then(location)
                .or_else(|| group.and_then(location));
            self.missing(
                (place, None),
                &format!("{} ({code})", warning.message.unwrap_or_default()),
            );
        }
    }

    fn missing(&mut self, (location, object): (Option<String>, Option<String>), text: &str) {
        self.unreachable.push(Unreachable {
            location,
            object,
            detail: super::api_error::one_line(text),
        });
    }

    /// Some lists hold a stand-in, named `…/locations/L/instances/-`, for all objects of a location that does not answer.
    fn placeholders(&mut self) {
        let places = &mut self.unreachable;
        self.objects.retain(|(_, object)| {
            let name = object
                .get()
                .contains("/-\"")
                .then(|| name(object))
                .flatten();
            let Some(name) = name.filter(|name| name.ends_with("/-")) else {
                return true;
            };
            places.push(Unreachable {
                location: location(name.trim_end_matches("/-")),
                object: None,
                detail: "the API gave a stand-in for the objects of this location".to_owned(),
            });
            false
        });
    }
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

fn name(object: &RawValue) -> Option<String> {
    serde_json::from_str::<Named>(object.get())
        .ok()
        .map(|named| named.name)
}

fn members(raw: &RawValue) -> Option<Members<'_>> {
    serde_json::from_str(raw.get()).ok()
}

fn is_object(raw: &RawValue) -> bool {
    raw.get().starts_with('{')
}

/// The bare location of a path or a name: `projects/p/locations/us-east1`, `regions/us-east1`, `us-east1`.
pub(super) fn location(text: &str) -> Option<String> {
    let segments: Vec<&str> = text
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    let named = segments
        .iter()
        .position(|segment| matches!(*segment, "locations" | "regions" | "zones"));
    let found = match named {
        Some(at) => segments.get(at + 1),
        None => segments.last(),
    };
    found
        .filter(|place| !matches!(**place, "-" | "*"))
        .map(|place| (*place).to_owned())
}

/// What a name of something out of reach stands for: a location with all that is in it, or one object, with the location it
/// lies in where its name goes through one.
fn place(text: &str) -> (Option<String>, Option<String>) {
    let mut parts = text.rsplit('/').filter(|part| !part.is_empty());
    let (last, kind) = (parts.next(), parts.next());
    match (kind, last) {
        (Some("locations" | "regions" | "zones"), _) | (None, _) | (_, None | Some("-" | "*")) => {
            (location(text), None)
        }
        (Some(_), Some(name)) => {
            let through = ["locations/", "regions/", "zones/"];
            let lies_in = through.iter().any(|word| text.contains(word));
            let location = lies_in.then(|| location(text)).flatten();
            (location, Some(name.to_owned()))
        }
    }
}

/// Whether an object has something other than text for a name.
fn is_nameless(object: &RawValue) -> bool {
    #[derive(Deserialize)]
    struct Named<'a> {
        #[serde(borrow)]
        name: Option<&'a RawValue>,
    }
    let named = serde_json::from_str::<Named<'_>>(object.get());
    named.is_ok_and(|named| named.name.is_some_and(|name| !name.get().starts_with('"')))
}

/// The locations in a body of a locations listing, and whether there are more.
///
/// # Errors
/// One line, if there is no such list in it.
pub(super) fn locations(body: &RawValue) -> Result<(Vec<String>, Next), String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Location {
        location_id: String,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Locations<'a> {
        #[serde(default)]
        locations: Vec<Location>,
        #[serde(borrow)]
        next_page_token: Option<&'a RawValue>,
    }
    let read: Locations<'_> = serde_json::from_str(body.get())
        .map_err(|_| "the answer is not a list of locations".to_owned())?;
    let next = Next::read(read.next_page_token);
    Ok((
        read.locations
            .into_iter()
            .map(|location| location.location_id)
            .collect(),
        next,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Objects, whether there is more, places that are missing.
    type Read = (Vec<String>, Next, Vec<Option<String>>);

    fn read(body: &serde_json::Value, items: &str) -> Result<Read, String> {
        let raw = RawValue::from_string(body.to_string()).unwrap();
        let path: Vec<String> = items
            .split('.')
            .filter(|k| !k.is_empty())
            .map(str::to_owned)
            .collect();
        let envelope = Envelope::read(&raw, &path)?;
        let objects = envelope
            .objects
            .iter()
            .map(|(group, o)| format!("{}{}", group.as_deref().unwrap_or(""), o.get()))
            .collect();
        Ok((
            objects,
            envelope.next,
            envelope
                .unreachable
                .into_iter()
                .map(|missing| missing.location)
                .collect(),
        ))
    }

    #[test]
    fn a_warning_that_cannot_be_read_hides_what_it_hides() {
        for body in [
            json!({"items": [], "warning": "some places did not answer"}),
            json!({"items": [], "warnings": [{"code": 7}]}),
            json!({"items": [], "unreachable": [[]]}),
        ] {
            let (_, _, gone) = read(&body, "items").unwrap();
            assert_eq!(gone, [None], "{body}");
        }
    }

    #[test]
    fn a_list_stands_under_one_of_its_names() {
        for key in ["things", "items"] {
            let body = json!({ key: [{"name": "a"}] });
            let (objects, ..) = read(&body, "things|items").unwrap();
            assert_eq!(objects, [r#"{"name":"a"}"#]);
        }
        let (objects, ..) = read(&json!({"other": [{}]}), "things|items").unwrap();
        assert!(objects.is_empty());
    }

    #[test]
    fn objects_and_the_next_token() {
        let (objects, next, gone) = read(
            &json!({"items": [{"a": 1}, {}], "nextPageToken": "t"}),
            "items",
        )
        .unwrap();
        assert_eq!(
            (objects.len(), next, gone.len()),
            (2, Next::Page("t".to_owned()), 0)
        );
        let next = |token| {
            read(&json!({"kind": "x", "nextPageToken": token}), "items")
                .unwrap()
                .1
        };
        assert_eq!(next(json!("")), Next::End);
        assert_eq!(next(json!(null)), Next::End);
        for malformed in [json!(2), json!(true), json!(["2"]), json!({"token": "2"})] {
            assert_eq!(next(malformed), Next::Malformed);
        }
        let body = json!({"locations": [{"locationId": "eu"}], "nextPageToken": 3});
        let raw = RawValue::from_string(body.to_string()).unwrap();
        assert_eq!(
            locations(&raw),
            Ok((vec!["eu".to_owned()], Next::Malformed))
        );
    }

    #[test]
    fn a_name_that_is_no_text_is_noted() {
        let nameless = |body: serde_json::Value| {
            let raw = RawValue::from_string(body.to_string()).unwrap();
            Envelope::read(&raw, &["items".to_owned()])
                .unwrap()
                .nameless
        };
        assert!(nameless(json!({"items": [{"name": "a"}, {"name": 7}]})));
        assert!(nameless(
            json!({"items": [{"name": null}, {"name": {"a": 1}}]})
        ));
        assert!(!nameless(json!({"items": [{"name": "a"}, {"id": 7}]})));
    }

    #[test]
    fn one_object_out_of_reach_is_told_from_a_place() {
        let told = |text: &str| place(text);
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            told("projects/_/buckets/pictures"),
            (None, some("pictures"))
        );
        assert_eq!(
            told("projects/p/locations/eu/instances/i"),
            (some("eu"), some("i"))
        );
        assert_eq!(told("projects/p/locations/eu"), (some("eu"), None));
        assert_eq!(told("regions/eu"), (some("eu"), None));
        assert_eq!(told("eu"), (some("eu"), None));
        assert_eq!(
            told("projects/p/locations/eu/instances/-"),
            (some("eu"), None)
        );
    }

    #[test]
    fn grouped_lists_tell_what_is_missing_by_group() {
        let body = json!({"items": {
            "zones/a": {"igms": [{"n": 1}]},
            "zones/b": {"warning": {"code": "NO_RESULTS_ON_PAGE"}},
            "zones/c": {"warning": {"code": "UNREACHABLE", "message": "down"}},
        }});
        let (objects, _, gone) = read(&body, "items.*.igms").unwrap();
        assert_eq!(objects, ["zones/a{\"n\":1}"]);
        assert_eq!(gone, [Some("c".to_owned())]);
    }

    #[test]
    fn all_ways_of_saying_unreachable() {
        let place = |body| read(&body, "x").unwrap().2;
        let east = || vec![Some("us-east1".to_owned())];
        assert_eq!(
            place(json!({"unreachable": ["projects/p/locations/us-east1"]})),
            east()
        );
        assert_eq!(place(json!({"unreachable": ["us-east1"]})), east());
        assert_eq!(place(json!({"unreachables": ["regions/us-east1"]})), east());
        assert_eq!(place(json!({"missingZones": ["us-east1"]})), east());
        assert_eq!(
            place(json!({"failedLocations": [{"location": "us-east1"}]})),
            east()
        );
        assert_eq!(
            place(
                json!({"warnings": [{"code": "REGION_UNREACHABLE", "region": "us-east1"}, {"code": "MAX_RESULTS_EXCEEDS_LIMIT"}]})
            ),
            east()
        );
        assert_eq!(
            place(json!({"x": [{"name": "projects/p/locations/us-east1/instances/-"}]})),
            east()
        );
        assert_eq!(
            place(json!({"failedLocation": [{"name": "us-east1"}]})),
            east()
        );
        assert_eq!(place(json!({"missingZones": ["-"]})), [None]);
    }

    #[test]
    fn other_shapes_are_refused() {
        assert!(read(&json!({"x": {"a": 1}}), "x").is_err_and(|e| e.contains("`x` is not a list")));
        assert!(read(&json!({"x": [1]}), "x").is_err() && read(&json!({"x": 1}), "x.y").is_err());
        assert!(read(&json!({"error": {"code": 403}}), "x").is_err());
        assert!(read(&json!({"x": null}), "x").is_ok_and(|r| r.0.is_empty()));
    }

    #[test]
    fn an_object_alone_is_the_body() {
        assert_eq!(
            read(&json!({"name": "n", "unreachable": ["x"]}), "")
                .unwrap()
                .0
                .len(),
            1
        );
    }
}
