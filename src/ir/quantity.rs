//! Amounts of resources, compared.
//!
//! Kubernetes' notation: a decimal number with a suffix for a power of 10 or of 1024, or an exponent
//! (k8s.io/apimachinery/pkg/api/resource).

/// The amount as a number of its unit: cores, bytes. `None` for what is no quantity.
#[must_use]
pub fn amount(text: &str) -> Option<f64> {
    const SUFFIXES: [(&str, f64); 15] = [
        ("Ki", 1024.0),
        ("Mi", 1_048_576.0),
        ("Gi", 1_073_741_824.0),
        ("Ti", 1_099_511_627_776.0),
        ("Pi", 1_125_899_906_842_624.0),
        ("Ei", 1_152_921_504_606_846_976.0),
        ("n", 1e-9),
        ("u", 1e-6),
        ("m", 1e-3),
        ("k", 1e3),
        ("M", 1e6),
        ("G", 1e9),
        ("T", 1e12),
        ("P", 1e15),
        ("E", 1e18),
    ];
    let split = SUFFIXES.iter().find_map(|(suffix, factor)| text.strip_suffix(suffix).map(|number| (number, *factor)));
    let (number, factor) = split.unwrap_or((text, 1.0));
    number.parse::<f64>().ok().map(|number| number * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_are_powers_of_ten_or_of_1024() {
        assert_eq!(amount("500m"), Some(0.5));
        assert_eq!(amount("2Gi"), Some(2_147_483_648.0));
        assert_eq!(amount("2G"), Some(2e9));
        assert_eq!(amount("1e3"), Some(1000.0));
        assert_eq!(amount("0.5"), Some(0.5));
        assert_eq!(amount("two"), None);
    }
}
