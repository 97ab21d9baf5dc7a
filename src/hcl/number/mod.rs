//! Numbers as the language has them: binary floats with a mantissa of 512 bits, printed with the fewest digits that
//! read back as the same number.

mod arithmetic;
mod decimal;

use std::cmp::Ordering;

use num_bigint::{BigInt, BigUint, Sign};
use num_traits::{ToPrimitive, Zero};

use self::arithmetic::quotient;
pub(super) use self::decimal::round;

/// Bits of the mantissa of a number read from text; results of arithmetic keep the larger of their operands'.
const PRECISION: u64 = 512;
/// Bits of a number made from a machine integer.
const INTEGER_PRECISION: u64 = 64;
/// Decimal exponents beyond this are refused: exact digits would not fit in memory.
const MAX_EXPONENT: i64 = 20_000;

/// Binary exponents beyond this are not reckoned with any further, for the same reason.
const MAX_BINARY: i64 = 1 << 18;

/// A number: `mantissa × 2^exponent`, or an infinity.
#[derive(Clone, Debug)]
pub struct Number {
    mantissa: BigInt,
    exponent: i64,
    precision: u64,
    /// `1` or `-1` for an infinity, else `0`.
    infinity: i8,
    /// Whether it is zero with a minus sign, which prints as `-0` and is otherwise like zero.
    minus: bool,
}

impl Number {
    /// A whole number.
    pub fn int(value: i64) -> Self {
        Self {
            mantissa: value.into(),
            exponent: 0,
            precision: INTEGER_PRECISION,
            infinity: 0,
            minus: false,
        }
    }

    /// A number from an integer of any size.
    pub fn big(value: BigInt) -> Self {
        Self {
            mantissa: value,
            exponent: 0,
            precision: PRECISION,
            infinity: 0,
            minus: false,
        }
        .rounded()
    }

    /// Positive or negative infinity, which a division by zero gives.
    pub fn infinity(negative: bool) -> Self {
        Self {
            mantissa: BigInt::zero(),
            exponent: 0,
            precision: PRECISION,
            infinity: if negative { -1 } else { 1 },
            minus: false,
        }
    }

    /// A machine float; nothing for what is no number.
    pub fn float(value: f64) -> Option<Self> {
        if value.is_nan() {
            return None;
        }
        if value.is_infinite() {
            return Some(Self::infinity(value < 0.0));
        }
        let bits = value.to_bits();
        let raw = i64::try_from((bits >> 52) & 0x7ff).unwrap_or_default();
        let fraction = bits & ((1 << 52) - 1);
        let (mantissa, exponent) = if raw == 0 {
            (fraction, -1074)
        } else {
            (fraction | (1 << 52), raw - 1075)
        };
        let mantissa = if value < 0.0 {
            -BigInt::from(mantissa)
        } else {
            mantissa.into()
        };
        let minus = value == 0.0 && value.is_sign_negative();
        Some(
            Self {
                mantissa,
                exponent,
                precision: 53,
                infinity: 0,
                minus,
            }
            .rounded(),
        )
    }

    /// Reads decimal text such as `12`, `-1.50` or `1e3`. Nothing when it is no number, or one too large to hold.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (digits, power) = match digits.split_once(['e', 'E']) {
            Some((digits, power)) => (digits, power.parse::<i64>().ok()?),
            None => (digits, 0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all = format!("{whole}{fraction}");
        let long = i64::try_from(all.len()).is_ok_and(|digits| digits > MAX_EXPONENT);
        if all.is_empty() || long || !all.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let power = power - i64::try_from(fraction.len()).ok()?;
        if power.abs() > MAX_EXPONENT {
            return None;
        }
        let mantissa = BigInt::parse_bytes(all.as_bytes(), 10)?;
        if mantissa.is_zero() {
            return Some(Self {
                mantissa,
                exponent: 0,
                precision: PRECISION,
                infinity: 0,
                minus: negative,
            });
        }
        let mantissa = if negative { -mantissa } else { mantissa };
        let scale = BigInt::from(10).pow(u32::try_from(power.unsigned_abs()).ok()?);
        if power >= 0 {
            return Some(
                Self {
                    mantissa: mantissa * scale,
                    exponent: 0,
                    precision: PRECISION,
                    infinity: 0,
                    minus: false,
                }
                .rounded(),
            );
        }
        Some(quotient(&mantissa, &scale, 0, PRECISION))
    }

    /// Rounds the mantissa to the precision, half to even, and drops its trailing zero bits.
    fn rounded(mut self) -> Self {
        if self.mantissa.is_zero() {
            self.exponent = 0;
            return self;
        }
        let excess = self.mantissa.bits().saturating_sub(self.precision);
        if excess > 0 {
            let (sign, magnitude) = self.mantissa.into_parts();
            let mut kept = &magnitude >> excess;
            let rest = &magnitude - (&kept << excess);
            let half = BigUint::from(1u8) << (excess - 1);
            if rest > half || (rest == half && kept.bit(0)) {
                kept += 1u8;
            }
            self.mantissa = BigInt::from_biguint(sign, kept);
            self.exponent += i64::try_from(excess).unwrap_or(i64::MAX);
        }
        let zeros = self.mantissa.trailing_zeros().unwrap_or(0);
        self.mantissa >>= zeros;
        self.exponent += i64::try_from(zeros).unwrap_or(0);
        self
    }

    /// The mantissa shifted so that it counts units of `2^exponent`; the exponent must not be above its own.
    fn at(&self, exponent: i64) -> BigInt {
        &self.mantissa << u64::try_from(self.exponent - exponent).unwrap_or(0)
    }

    /// Whether its digits are too many to reckon with.
    pub fn is_immense(&self) -> bool {
        self.exponent.abs() > MAX_BINARY
    }

    /// Whether it is an infinity.
    pub fn is_infinite(&self) -> bool {
        self.infinity != 0
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.infinity == 0 && self.mantissa.is_zero()
    }

    /// Whether it has a minus sign, be it that of a zero.
    pub fn is_negative(&self) -> bool {
        self.minus || self.signum() < 0
    }

    /// Minus one, zero or one.
    pub fn signum(&self) -> i64 {
        if self.is_infinite() {
            return self.infinity.into();
        }
        match self.mantissa.sign() {
            Sign::Minus => -1,
            Sign::NoSign => 0,
            Sign::Plus => 1,
        }
    }

    /// The number with its sign turned.
    pub fn negated(&self) -> Self {
        Self {
            mantissa: -&self.mantissa,
            infinity: -self.infinity,
            minus: self.is_zero() && !self.minus,
            ..self.clone()
        }
    }

    /// Whether it has no fraction.
    pub fn is_whole(&self) -> bool {
        !self.is_infinite() && self.exponent >= 0
    }

    /// The integer it is; nothing for fractions and infinities.
    pub fn to_big(&self) -> Option<BigInt> {
        self.is_whole().then(|| self.at(0))
    }

    /// The machine integer it is; nothing for fractions and what is too large.
    pub fn to_i64(&self) -> Option<i64> {
        self.to_big()?.to_i64()
    }

    /// The number as a plan file keeps it: a machine integer, or a float for a fraction, where that is exact; else its shortest
    /// text.
    pub fn stored(&self) -> Self {
        if self.is_infinite() {
            return self.clone();
        }
        match self.to_i64() {
            Some(whole) => Self::int(whole),
            None => match Self::float(self.to_f64()) {
                Some(float) if float == *self && !self.is_whole() => float,
                _ => Self::parse(&self.to_string()).unwrap_or_else(|| self.clone()),
            },
        }
    }

    /// The nearest machine float.
    pub fn to_f64(&self) -> f64 {
        if self.is_infinite() {
            return f64::INFINITY.copysign(self.infinity.into());
        }
        self.to_string().parse().unwrap_or(f64::NAN)
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.is_infinite() || other.is_infinite() {
            return self.infinity.cmp(&other.infinity);
        }
        let exponent = self.exponent.min(other.exponent);
        self.at(exponent).cmp(&other.at(exponent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "-", "x", "1x", "1e", ".", "0x10", "1e99999999"] {
            assert!(Number::parse(text).is_none(), "{text}");
        }
    }
}
