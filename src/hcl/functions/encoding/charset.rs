//! Character sets by the names that IANA gives them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use encoding_rs::Encoding;

use super::super::{Failure, Given};
use crate::hcl::value::Value;
use crate::model::NotEvaluated;

/// How text stands in bytes.
enum Charset {
    Utf8,
    /// With the more significant byte first or last.
    Utf16(bool),
    /// The same with a mark of the order in front.
    Utf16Marked,
    Latin1,
    Ascii,
    /// One of the Web's.
    Web(&'static Encoding),
    /// One that tofu knows and that is not known here.
    Other,
}

/// The Web's label of each character set, and its other names at IANA.
const WEB: &[(&str, &str)] = &[
    (
        "iso-8859-2",
        "csisolatin2 iso-ir-101 iso_8859-2 iso_8859-2:1987 l2 latin2",
    ),
    (
        "iso-8859-3",
        "csisolatin3 iso-ir-109 iso_8859-3 iso_8859-3:1988 l3 latin3",
    ),
    (
        "iso-8859-4",
        "csisolatin4 iso-ir-110 iso_8859-4 iso_8859-4:1988 l4 latin4",
    ),
    (
        "iso-8859-5",
        "csisolatincyrillic cyrillic iso-ir-144 iso_8859-5 iso_8859-5:1988",
    ),
    (
        "iso-8859-6",
        "arabic asmo-708 csisolatinarabic ecma-114 iso-ir-127 iso_8859-6 iso_8859-6:1987 csiso88596e iso-8859-6-e \
         iso_8859-6-e csiso88596i iso-8859-6-i iso_8859-6-i",
    ),
    (
        "iso-8859-7",
        "csisolatingreek ecma-118 elot_928 greek greek8 iso-ir-126 iso_8859-7 iso_8859-7:1987",
    ),
    (
        "iso-8859-8",
        "csisolatinhebrew hebrew iso-ir-138 iso_8859-8 iso_8859-8:1988 csiso88598e iso-8859-8-e iso_8859-8-e csiso88598i \
         iso-8859-8-i iso_8859-8-i",
    ),
    (
        "iso-8859-10",
        "csisolatin6 iso-ir-157 iso_8859-10:1992 l6 latin6",
    ),
    ("iso-8859-13", "csiso885913"),
    (
        "iso-8859-14",
        "csiso885914 iso-celtic iso-ir-199 iso_8859-14 iso_8859-14:1998 l8 latin8",
    ),
    ("iso-8859-15", "csiso885915 iso_8859-15 latin-9"),
    (
        "iso-8859-16",
        "csiso885916 iso-ir-226 iso_8859-16 iso_8859-16:2001 l10 latin10",
    ),
    ("shift_jis", "csshiftjis ms_kanji"),
    (
        "euc-jp",
        "cseucpkdfmtjapanese extended_unix_code_packed_format_for_japanese",
    ),
    ("iso-2022-jp", "csiso2022jp"),
    ("euc-kr", "cseuckr"),
    ("gbk", "cp936 csgbk ms936 windows-936"),
    ("gb18030", "csgb18030"),
    ("big5", "csbig5"),
    ("macintosh", "csmacintosh mac"),
    ("koi8-r", "cskoi8r"),
    ("koi8-u", "cskoi8u"),
    ("ibm866", "866 cp866 csibm866"),
    ("windows-874", "cswindows874"),
    ("windows-1250", "cswindows1250"),
    ("windows-1251", "cswindows1251"),
    ("windows-1252", "cswindows1252"),
    ("windows-1253", "cswindows1253"),
    ("windows-1254", "cswindows1254"),
    ("windows-1255", "cswindows1255"),
    ("windows-1256", "cswindows1256"),
    ("windows-1257", "cswindows1257"),
    ("windows-1258", "cswindows1258"),
];

/// Names of the character sets that the Web does not have, or has otherwise.
const OTHER: &str = "csisolatin5 iso-8859-9 iso-ir-148 iso_8859-9 iso_8859-9:1989 l5 latin5 hz-gb-2312 \
    437 cp437 cspc8codepage437 ibm437 850 cp850 cspc850multilingual ibm850 852 cp852 cspcp852 ibm852 855 cp855 csibm855 ibm855 \
    ccsid00858 cp00858 csibm00858 ibm00858 pc-multilingual-850+euro 860 cp860 csibm860 ibm860 862 cp862 cspc862latinhebrew \
    ibm862 863 cp863 csibm863 ibm863 865 cp865 csibm865 ibm865 cp037 csibm037 ebcdic-cp-ca ebcdic-cp-nl ebcdic-cp-us \
    ebcdic-cp-wt ibm037 ccsid01140 cp01140 csibm01140 ebcdic-us-37+euro ibm01140 csibm1047 ibm-1047 ibm1047";

fn charset(name: &str) -> Option<Charset> {
    let name = name.trim().to_lowercase();
    let among = |names: &str| names.split_whitespace().any(|known| known == name);
    match name.as_str() {
        "utf-8" | "csutf8" => Some(Charset::Utf8),
        "utf-16le" | "csutf16le" => Some(Charset::Utf16(false)),
        "utf-16be" | "csutf16be" => Some(Charset::Utf16(true)),
        "utf-16" | "csutf16" => Some(Charset::Utf16Marked),
        _ if among(
            "cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso_8859-1 iso_8859-1:1987 l1 latin1",
        ) =>
        {
            Some(Charset::Latin1)
        }
        _ if among(
            "us-ascii us ansi_x3.4-1968 ansi_x3.4-1986 cp367 csascii ibm367 iso-ir-6 iso646-us iso_646.irv:1991",
        ) =>
        {
            Some(Charset::Ascii)
        }
        _ if among(OTHER) => Some(Charset::Other),
        _ => {
            let (label, _) = WEB
                .iter()
                .find(|(label, aliases)| *label == name || among(aliases))?;
            Encoding::for_label(label.as_bytes()).map(Charset::Web)
        }
    }
}

fn named(name: &str) -> Result<Charset, Failure> {
    charset(name).ok_or_else(|| {
        Failure::Argument(
            1,
            format!("\"{name}\" is not a supported IANA encoding name or alias"),
        )
    })
}

fn utf16(text: &str, big: bool) -> Vec<u8> {
    text.encode_utf16()
        .flat_map(|unit| {
            if big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        })
        .collect()
}

/// Text in a character set, as base64.
///
/// # Errors
/// When the character set is not known, or has not all of the characters.
pub(super) fn encode(text: &str, encoding: &str) -> Given {
    let bytes: Option<Vec<u8>> = match named(encoding)? {
        Charset::Other => return Ok(unsupported(encoding)),
        Charset::Utf8 => Some(text.as_bytes().to_vec()),
        Charset::Utf16(big) => Some(utf16(text, big)),
        Charset::Utf16Marked => Some(utf16(&format!("\u{feff}{text}"), true)),
        Charset::Latin1 => text
            .chars()
            .map(|c| u8::try_from(u32::from(c)).ok())
            .collect(),
        Charset::Ascii => text.is_ascii().then(|| text.as_bytes().to_vec()),
        Charset::Web(web) => {
            let (bytes, _, lossy) = web.encode(text);
            if lossy && web == encoding_rs::BIG5 {
                // Tofu's has the characters of Hong Kong too.
                return Ok(unsupported(encoding));
            }
            (!lossy).then(|| bytes.into_owned())
        }
    };
    let wrong = || {
        Failure::Argument(
            0,
            format!(
                "the given string contains characters that cannot be represented in {encoding}"
            ),
        )
    };
    Ok(Value::string(STANDARD.encode(bytes.ok_or_else(wrong)?)))
}

/// The text behind base64 in a character set.
///
/// # Errors
/// When the character set is not known, or the bytes are not of it.
pub(super) fn decode(text: &str, encoding: &str) -> Given {
    let charset = named(encoding)?;
    let bytes = super::base64_bytes(text).map_err(|why| Failure::Argument(0, why))?;
    let decoded = match charset {
        Charset::Other => return Ok(unsupported(encoding)),
        Charset::Utf8 => String::from_utf8_lossy(&bytes).into_owned(),
        Charset::Utf16(big) => from_utf16(&bytes, big),
        Charset::Utf16Marked => match bytes.as_slice() {
            [0xff, 0xfe, rest @ ..] => from_utf16(rest, false),
            [0xfe, 0xff, rest @ ..] => from_utf16(rest, true),
            rest => from_utf16(rest, true),
        },
        Charset::Latin1 => bytes.iter().map(|byte| char::from(*byte)).collect(),
        Charset::Ascii => bytes
            .iter()
            .map(|byte| {
                if byte.is_ascii() {
                    char::from(*byte)
                } else {
                    '\u{fffd}'
                }
            })
            .collect(),
        Charset::Web(web) => web.decode_without_bom_handling(&bytes).0.into_owned(),
    };
    if decoded.contains('\u{fffd}') {
        let why = format!("the given string contains symbols that are not defined for {encoding}");
        return Err(Failure::Argument(0, why));
    }
    Ok(Value::string(decoded))
}

fn from_utf16(bytes: &[u8], big: bool) -> String {
    let unit = |pair: &[u8]| match pair {
        [first, second] if big => u16::from_be_bytes([*first, *second]),
        [first, second] => u16::from_le_bytes([*first, *second]),
        // Half a unit.
        _ => 0xfffd,
    };
    String::from_utf16_lossy(&bytes.chunks(2).map(unit).collect::<Vec<_>>())
}

fn unsupported(name: &str) -> Value {
    Value::unknown(NotEvaluated::Encoding(name.into()))
}
