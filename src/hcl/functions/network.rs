//! CIDR arithmetic.

use std::net::{Ipv4Addr, Ipv6Addr};

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use super::{Entry, Failure, Given, int_of, text_of};
use crate::hcl::number::Number;
use crate::hcl::value::Value;

pub(super) const TABLE: &[Entry] = &[
    ("cidrcontains", "string, string -> bool?", |a, _| {
        contains(text_of(a, 0), text_of(a, 1))
    }),
    ("cidrhost", "string, number -> string", |a, _| host(a)),
    ("cidrnetmask", "string -> string", |a, _| {
        netmask(text_of(a, 0))
    }),
    ("cidrsubnet", "string, number, number -> string", |a, _| {
        subnet(a)
    }),
    ("cidrsubnets", "string, number... -> strings", |a, _| {
        subnets(a)
    }),
];

/// An address as a number of 32 or 128 bits, and a prefix length.
#[derive(Clone, Copy)]
struct Prefix {
    address: u128,
    length: u32,
    bits: u32,
}

impl Prefix {
    /// Reads `10.0.0.0/8`. Leading zeros in a part of an IPv4 address are decimal, as in tofu.
    fn parse(text: &str) -> Result<Self, String> {
        let invalid = || format!("invalid CIDR expression: invalid CIDR address: {text}");
        let (address, length) = text.split_once('/').ok_or_else(invalid)?;
        let (address, bits) = parse_address(address).ok_or_else(invalid)?;
        let digits = !length.is_empty() && length.bytes().all(|b| b.is_ascii_digit());
        let length = length
            .parse()
            .ok()
            .filter(|length| digits && *length <= bits)
            .ok_or_else(invalid)?;
        Ok(Self {
            address,
            length,
            bits,
        }
        .network())
    }

    fn host_bits(&self) -> u32 {
        self.bits - self.length
    }

    fn mask(&self) -> u128 {
        low_mask(self.bits) & !low_mask(self.host_bits())
    }

    fn network(self) -> Self {
        Self {
            address: self.address & self.mask(),
            ..self
        }
    }

    fn text(&self) -> String {
        format!("{}/{}", address_text(self.address, self.bits), self.length)
    }
}

fn low_mask(bits: u32) -> u128 {
    if bits >= 128 {
        u128::MAX
    } else {
        (1 << bits) - 1
    }
}

fn parse_address(text: &str) -> Option<(u128, u32)> {
    if text.contains(':') {
        return text
            .parse::<Ipv6Addr>()
            .ok()
            .map(|address| (u128::from(address), 128));
    }
    let parts: Vec<&str> = text.split('.').collect();
    let numeric = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if parts.len() != 4 || !parts.iter().all(numeric) {
        return None;
    }
    let mut address = 0_u128;
    for part in parts {
        address = address << 8 | u128::from(part.parse::<u8>().ok()?);
    }
    Some((address, 32))
}

fn address_text(address: u128, bits: u32) -> String {
    match u32::try_from(address) {
        Ok(address) if bits == 32 => Ipv4Addr::from(address).to_string(),
        _ => Ipv6Addr::from(address).to_string(),
    }
}

fn contains(containing: &str, contained: &str) -> Given {
    let prefix = Prefix::parse(containing)?;
    let (first, last, bits) = match parse_address(contained) {
        Some((address, bits)) => (address, address, bits),
        None => {
            let inner = Prefix::parse(contained)
                .map_err(|_| format!("invalid IP address or prefix: {contained}"))?;
            (
                inner.address,
                inner.address | low_mask(inner.host_bits()),
                inner.bits,
            )
        }
    };
    if bits != prefix.bits {
        return Err(Failure::Call(format!(
            "address family mismatch: {containing} vs. {contained}"
        )));
    }
    let inside = |address: u128| address & prefix.mask() == prefix.address;
    Ok(Value::bool(inside(first) && inside(last)))
}

fn host(arguments: &[Value]) -> Given {
    let prefix = Prefix::parse(text_of(arguments, 0))?;
    let number = arguments[1]
        .as_number()
        .and_then(Number::to_big)
        .ok_or("host number must be a whole number")?;
    let size = BigInt::from(1) << prefix.host_bits();
    let number = if number < BigInt::from(0) {
        number + &size
    } else {
        number
    };
    if number < BigInt::from(0) || number >= size {
        return Err(Failure::Call(format!(
            "prefix of {} does not accommodate a host numbered {number}",
            prefix.length
        )));
    }
    Ok(Value::string(address_text(
        prefix.address | number.to_u128().unwrap_or(0),
        prefix.bits,
    )))
}

fn netmask(text: &str) -> Given {
    let prefix = Prefix::parse(text)?;
    if prefix.bits != 32 {
        return Err(Failure::Call(format!(
            "IPv6 addresses cannot have a netmask: {text}"
        )));
    }
    Ok(Value::string(address_text(prefix.mask(), 32)))
}

fn subnet(arguments: &[Value]) -> Given {
    let prefix = Prefix::parse(text_of(arguments, 0))?;
    let new_bits = int_of(arguments, 1)?;
    let number = arguments[2]
        .as_number()
        .and_then(Number::to_big)
        .ok_or("network number must be a whole number")?;
    let length = i64::from(prefix.length)
        .checked_add(new_bits)
        .and_then(|length| u32::try_from(length).ok());
    let length = length.filter(|length| *length <= prefix.bits);
    let length = length.ok_or_else(|| {
        format!(
            "insufficient address space to extend prefix of {} by {new_bits}",
            prefix.length
        )
    })?;
    // A shorter prefix is taken too, and then any number.
    let size = length
        .checked_sub(prefix.length)
        .map(|bits| BigInt::from(1) << bits);
    if size.is_some_and(|size| number >= size) {
        return Err(Failure::Call(format!(
            "prefix extension of {new_bits} does not accommodate a subnet numbered {number}"
        )));
    }
    // A negative number fills all bits above it, and tofu drops the sign of the outcome.
    let placed = BigInt::from(prefix.address) | (number << (prefix.bits - length));
    let address = placed.magnitude().to_u128().unwrap_or(0) & low_mask(prefix.bits);
    Ok(Value::string(
        Prefix {
            address,
            length,
            bits: prefix.bits,
        }
        .text(),
    ))
}

/// Consecutive subnets of the given extra lengths, each at the first place it fits.
fn subnets(arguments: &[Value]) -> Given {
    let prefix = Prefix::parse(text_of(arguments, 0)).map_err(|why| Failure::Argument(0, why))?;
    let mut next = Some(prefix.address);
    let last = prefix.address | low_mask(prefix.host_bits());
    let mut out = Vec::new();
    for at in 1..arguments.len() {
        let wrong = |why: &str| Failure::Argument(at, why.to_owned());
        let extra = int_of(arguments, at).map_err(|why| Failure::Argument(at, why))?;
        if extra < 1 {
            return Err(wrong("must extend prefix by at least one bit"));
        }
        if extra > 32 {
            return Err(wrong("may not extend prefix by more than 32 bits"));
        }
        let length = prefix.length + u32::try_from(extra).unwrap_or(0);
        if length > prefix.bits {
            return Err(wrong(
                "would extend prefix to more bits than an address has",
            ));
        }
        let step = low_mask(prefix.bits - length);
        let start = next
            .and_then(|next| next.checked_add(step))
            .map(|address| address & !step);
        let start = start
            .filter(|start| *start <= last)
            .ok_or_else(|| wrong("not enough remaining address space for a subnet"))?;
        out.push(
            Prefix {
                address: start,
                length,
                bits: prefix.bits,
            }
            .text(),
        );
        next = (start | step).checked_add(1);
    }
    Ok(Value::strings(out))
}
