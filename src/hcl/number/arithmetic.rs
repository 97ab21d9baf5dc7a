//! Arithmetic: exact to the precision of the operands.

use num_bigint::{BigInt, Sign};
use num_traits::Zero;

use super::{Number, PRECISION};

impl Number {
    /// The sum; nothing for opposite infinities.
    pub fn plus(&self, other: &Self) -> Option<Self> {
        if self.is_infinite() || other.is_infinite() {
            let sum = i16::from(self.infinity) + i16::from(other.infinity);
            return (sum != 0).then(|| Self::infinity(sum < 0));
        }
        let exponent = self.exponent.min(other.exponent);
        let mantissa = self.at(exponent) + other.at(exponent);
        let minus = self.minus && other.minus;
        Some(
            Self {
                mantissa,
                exponent,
                precision: self.precision.max(other.precision),
                infinity: 0,
                minus,
            }
            .rounded(),
        )
    }

    /// The difference; nothing for an infinity less itself.
    pub fn minus(&self, other: &Self) -> Option<Self> {
        self.plus(&other.negated())
    }

    /// The product; nothing for zero times infinity.
    pub fn times(&self, other: &Self) -> Option<Self> {
        if self.is_infinite() || other.is_infinite() {
            let sign = self.signum() * other.signum();
            return (sign != 0).then(|| Self::infinity(sign < 0));
        }
        let mantissa = &self.mantissa * &other.mantissa;
        if mantissa.is_zero() {
            return Some(Self {
                mantissa,
                minus: self.is_negative() != other.is_negative(),
                ..Self::int(0)
            });
        }
        let product = Self {
            mantissa,
            exponent: self.exponent + other.exponent,
            precision: PRECISION,
            infinity: 0,
            minus: false,
        }
        .rounded();
        let needed = product.mantissa.bits();
        Some(Self {
            precision: self.precision.max(other.precision).max(needed),
            ..product
        })
    }

    /// The quotient: an infinity for a division by zero, nothing for zero by zero or infinity by infinity.
    pub fn over(&self, other: &Self) -> Option<Self> {
        match (self.is_infinite(), other.is_infinite()) {
            (true, true) => return None,
            (true, false) => {
                return Some(Self::infinity((self.infinity < 0) != (other.signum() < 0)));
            }
            (false, true) => {
                return Some(Self {
                    minus: self.is_negative() != (other.infinity < 0),
                    ..Self::int(0)
                });
            }
            (false, false) => {}
        }
        if other.is_zero() {
            return (!self.is_zero()).then(|| Self::infinity(self.is_negative() != other.minus));
        }
        if self.is_zero() {
            return Some(Self {
                minus: self.is_negative() != other.is_negative(),
                ..Self::int(0)
            });
        }
        let precision = self.precision.max(other.precision);
        Some(quotient(
            &self.mantissa,
            &other.mantissa,
            self.exponent - other.exponent,
            precision,
        ))
    }

    /// The remainder of the division truncated towards zero, with the dividend's sign.
    pub fn modulo(&self, other: &Self) -> Option<Self> {
        if self.is_infinite() || other.is_infinite() {
            return self.times(other);
        }
        if other.is_zero() {
            return Some(self.clone());
        }
        let whole = self.over(other)?.truncated();
        self.minus(&other.times(&whole)?)
    }

    /// The whole part.
    pub fn truncated(&self) -> Self {
        if self.exponent >= 0 || self.is_infinite() {
            return Self {
                minus: false,
                ..self.clone()
            };
        }
        Self {
            mantissa: self.whole_part(),
            exponent: 0,
            ..self.clone()
        }
        .rounded()
    }

    fn whole_part(&self) -> BigInt {
        let shift = u64::try_from(-self.exponent).unwrap_or(0);
        let (sign, magnitude) = self.mantissa.clone().into_parts();
        BigInt::from_biguint(sign, magnitude >> shift)
    }

    /// The greatest whole number that is not greater.
    pub fn floor(&self) -> Self {
        let whole = self.truncated();
        if whole > *self {
            whole.minus(&Self::int(1)).unwrap_or(whole)
        } else {
            whole
        }
    }

    /// The least whole number that is not less.
    pub fn ceil(&self) -> Self {
        Self {
            minus: false,
            ..self.negated().floor().negated()
        }
    }
}

/// `dividend / divisor × 2^exponent`, rounded.
pub(super) fn quotient(
    dividend: &BigInt,
    divisor: &BigInt,
    exponent: i64,
    precision: u64,
) -> Number {
    let shift = (precision + 2 + divisor.bits()).saturating_sub(dividend.bits());
    let shifted = dividend << shift;
    let (mut mantissa, rest) = (&shifted / divisor, &shifted % divisor);
    mantissa <<= 1;
    if !rest.is_zero() {
        // A sticky bit: what lies beyond the digits kept must still break ties.
        mantissa += if (dividend.sign() == Sign::Minus) == (divisor.sign() == Sign::Minus) {
            1
        } else {
            -1
        };
    }
    let exponent = exponent - i64::try_from(shift).unwrap_or(0) - 1;
    Number {
        mantissa,
        exponent,
        precision,
        infinity: 0,
        minus: false,
    }
    .rounded()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(text: &str) -> Number {
        Number::parse(text).unwrap()
    }

    #[test]
    fn arithmetic_is_exact_to_512_bits() {
        assert_eq!(n("0.1").plus(&n("0.2")).unwrap().to_string(), "0.3");
        let third = n("10").over(&n("3")).unwrap().to_string();
        assert!(
            third.starts_with("3.333333333") && third.len() == 156 && third.ends_with("33332"),
            "{third}"
        );
        assert_eq!(n("-7").modulo(&n("3")).unwrap(), n("-1"));
        assert_eq!(n("-1.2").floor(), n("-2"));
        assert_eq!(n("1.2").ceil(), n("2"));
        assert!(n("1").over(&n("0")).unwrap().is_infinite() && n("0").over(&n("0")).is_none());
    }
}
