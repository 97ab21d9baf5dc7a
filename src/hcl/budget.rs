//! How much one evaluation may work, make and nest: hostile text ends in an error, not in a machine without memory.

use std::cell::Cell;

use super::diagnostic::Diagnostic;
use super::value::Value;

/// What one evaluation has left. Its limits lie far above what real configurations need.
pub struct Budget {
    steps: Cell<u64>,
    made: Cell<u64>,
    templates: Cell<u32>,
    instances: Cell<u64>,
}

/// Expressions evaluated, and parts of arguments looked at.
const MOST_STEPS: u64 = 50_000_000;
/// Values made, where a text counts for one each 32 bytes.
const MOST_MADE: u64 = 10_000_000;
/// Values that one value is made of, counted as often as they are in it.
pub const MOST_PARTS: u32 = 2_000_000;
/// Bytes of one text or file.
pub const MOST_BYTES: usize = 64 << 20;
/// Templates that render templates.
const MOST_TEMPLATES: u32 = 32;
/// Instances of resources and modules.
const MOST_INSTANCES: u64 = 200_000;
/// So many parts of an argument are looked at in the time that an expression takes.
const PARTS_A_STEP: u64 = 16;

impl Default for Budget {
    fn default() -> Self {
        Self {
            steps: Cell::new(MOST_STEPS),
            made: Cell::new(MOST_MADE),
            templates: Cell::new(MOST_TEMPLATES),
            instances: Cell::new(MOST_INSTANCES),
        }
    }
}

impl Budget {
    /// Takes an amount from what is left of something.
    fn spend(of: &Cell<u64>, amount: u64, what: &str, most: u64) -> Result<(), Diagnostic> {
        let left = of.get().checked_sub(amount);
        of.set(left.unwrap_or(0));
        match left {
            Some(_) => Ok(()),
            None => Err(Diagnostic::over_budget(format!(
                "Evaluating this configuration takes more than {most} {what}, which no real one does."
            ))),
        }
    }

    /// One more expression is evaluated.
    ///
    /// # Errors
    /// When that is one too many.
    pub fn step(&self) -> Result<(), Diagnostic> {
        Self::spend(&self.steps, 1, "steps", MOST_STEPS)
    }

    /// A function or operator looks at values, each as often as at all parts of another.
    ///
    /// # Errors
    /// When that takes too long.
    pub fn look(&self, values: &[Value], times: usize) -> Result<(), Diagnostic> {
        let parts = values.iter().map(|value| u64::from(value.parts.weight));
        let times = u64::try_from(times.max(1)).unwrap_or(u64::MAX);
        let steps = parts.sum::<u64>().saturating_mul(times) / PARTS_A_STEP;
        Self::spend(&self.steps, steps, "steps", MOST_STEPS)
    }

    /// A value was made: its own elements or text are new, what is in them may be shared.
    ///
    /// # Errors
    /// When it is too large, or there are too many already.
    pub fn made(&self, value: &Value) -> Result<(), Diagnostic> {
        self.fits(value.parts.weight.into())?;
        let own = match value.as_str() {
            Some(_) => u64::from(value.parts.weight),
            None => value
                .elements()
                .map(|elements| elements.len())
                .or_else(|| value.members().map(|members| members.len()))
                .map_or(0, |count| u64::try_from(count).unwrap_or(u64::MAX)),
        };
        Self::spend(&self.made, own, "values", MOST_MADE)
    }

    /// Whether one value may be made of that many.
    ///
    /// # Errors
    /// When it may not.
    pub fn fits(&self, parts: u64) -> Result<(), Diagnostic> {
        if parts <= MOST_PARTS.into() {
            return Ok(());
        }
        Err(Diagnostic::over_budget(format!(
            "This makes a value of more than {MOST_PARTS} parts, which no real configuration has."
        )))
    }

    /// Whether one text may be that long.
    ///
    /// # Errors
    /// When it may not.
    pub fn text(&self, bytes: usize) -> Result<(), Diagnostic> {
        if bytes <= MOST_BYTES {
            return Ok(());
        }
        Err(Diagnostic::over_budget(format!(
            "This makes a text of more than {MOST_BYTES} bytes, which no real configuration has."
        )))
    }

    /// A block has that many instances.
    ///
    /// # Errors
    /// When there are too many in all.
    pub fn instances(&self, count: u64) -> Result<(), Diagnostic> {
        Self::spend(&self.instances, count, "instances", MOST_INSTANCES)
    }

    /// Renders a template inside those that are being rendered.
    ///
    /// # Errors
    /// When there are too many around it.
    pub fn template<T>(
        &self,
        render: impl FnOnce() -> Result<T, Diagnostic>,
    ) -> Result<T, Diagnostic> {
        let Some(left) = self.templates.get().checked_sub(1) else {
            return Err(Diagnostic::over_budget(format!(
                "Templates render templates more than {MOST_TEMPLATES} deep, as one that renders itself does."
            )));
        };
        self.templates.set(left);
        let outcome = render();
        self.templates.set(left + 1);
        outcome
    }
}
