//! Numbers as people read them.

use std::collections::BTreeMap;

use crate::delta::grouped;

/// So much of a resource, in Kubernetes' notation: `2.5`, `1.5Gi`.
#[must_use]
pub fn resource(name: &str, amount: f64) -> String {
    const UNITS: [(&str, f64); 3] = [("Ti", 1_099_511_627_776.0), ("Gi", 1_073_741_824.0), ("Mi", 1_048_576.0)];
    let is_bytes = matches!(name, "memory" | "ephemeral-storage") || name.starts_with("hugepages-");
    match UNITS.iter().find(|(_, size)| is_bytes && amount >= *size) {
        Some((unit, size)) => format!("{}{unit}", decimal(amount / size)),
        None => decimal(amount),
    }
}

/// With two digits behind the point at the most.
fn decimal(number: f64) -> String {
    let rounded = (number * 100.0).round() / 100.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` ends at the largest number, and none is negative")]
    let whole = rounded.trunc() as u64;
    let fraction = format!("{:.2}", rounded.fract());
    let fraction = fraction.trim_start_matches('0').trim_end_matches('0').trim_end_matches('.');
    format!("{}{fraction}", grouped(whole))
}

/// `3 pods · 1.5 cpu · 6Gi memory`.
#[must_use]
pub fn load(pods: u64, requests: &BTreeMap<String, f64>) -> String {
    let pods = if pods == 1 { "1 pod".to_owned() } else { format!("{} pods", grouped(pods)) };
    let asked = requests.iter().filter(|(_, amount)| **amount > 0.0);
    std::iter::once(pods).chain(asked.map(|(name, amount)| format!("{} {name}", resource(name, *amount)))).collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_right() {
        assert_eq!(resource("cpu", 0.25), "0.25");
        assert_eq!(resource("cpu", 2500.0), "2,500");
        assert_eq!(resource("cpu", 0.999_9), "1");
        assert_eq!(resource("memory", 1_610_612_736.0), "1.5Gi");
        assert_eq!(resource("memory", 536_870_912.0), "512Mi");
        assert_eq!(resource("memory", 5e15), "4,547.47Ti");
        assert_eq!(resource("nvidia.com/gpu", 4.0), "4");
    }
}
