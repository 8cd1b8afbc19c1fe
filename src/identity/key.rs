//! Public keys of an issuer, JSON Web Keys (RFC 7517).

use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind, crypto};

/// Bytes of an RSA modulus: from 2048 bits, below which a key can be guessed in time, to the 4096 that the library takes.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=512;
/// Bytes of a coordinate of P-256.
const COORDINATE: usize = 32;

/// A public key and the one algorithm that it is for, so that a token cannot choose another.
#[derive(Debug, Clone)]
pub struct Key {
    /// The name that tokens call it by.
    pub id: String,
    pub(super) algorithm: Algorithm,
    pub(super) key: DecodingKey,
}

/// Why values are no public key, in words that complete "this is no key: …".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// Not base64url, or padded.
    #[error("`{0}` is not base64url text without padding")]
    Encoding(&'static str),
    /// Too small to be safe, or larger than is known.
    #[error("it has {0} bits, and 2048 to 4096 are taken")]
    Size(usize),
    /// No point of the curve.
    #[error("`x` and `y` are no point of the curve P-256")]
    Point,
}

impl Key {
    /// An RSA key for RS256, from its modulus and exponent in base64url.
    ///
    /// # Errors
    /// [`InvalidKey`] when they are no key that may be used.
    pub fn rsa(id: &str, modulus: &str, exponent: &str) -> Result<Self, InvalidKey> {
        let key = DecodingKey::from_rsa_components(modulus, exponent).map_err(|_| InvalidKey::Encoding("n` or `e"))?;
        if let DecodingKeyKind::RsaModulusExponent { n, .. } = key.kind() {
            let zeros = n.iter().take_while(|byte| **byte == 0).count();
            let size = n.len() - zeros;
            if !MODULUS.contains(&size) {
                return Err(InvalidKey::Size(size * 8));
            }
        }
        Ok(Self { id: id.to_owned(), algorithm: Algorithm::RS256, key })
    }

    /// A key of the curve P-256 for ES256, from its coordinates in base64url.
    ///
    /// # Errors
    /// [`InvalidKey`] when they are no point of the curve.
    pub fn ec(id: &str, x: &str, y: &str) -> Result<Self, InvalidKey> {
        let key = DecodingKey::from_ec_components(x, y).map_err(|_| InvalidKey::Encoding("x` or `y"))?;
        let is_whole = key.try_get_as_bytes().is_ok_and(|bytes| bytes.len() == 1 + 2 * COORDINATE);
        // The library reads the point when it is about to verify; no signature is needed for that.
        if !is_whole || crypto::verify("", b"", &key, Algorithm::ES256).is_err() {
            return Err(InvalidKey::Point);
        }
        Ok(Self { id: id.to_owned(), algorithm: Algorithm::ES256, key })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_modulus_below_2048_bits_is_refused_however_it_is_padded() {
        // The bits of the last letter that are no byte must be zero.
        let whole = |zeros: usize, rest: usize| format!("{}{}w", "A".repeat(zeros), "f".repeat(rest));
        assert!(matches!(Key::rsa("k", &whole(22, 319), "AQAB"), Err(InvalidKey::Size(bits)) if bits < 2048));
        assert!(matches!(Key::rsa("k", &"f".repeat(900), "AQAB"), Err(InvalidKey::Size(bits)) if bits > 4096));
        assert!(Key::rsa("k", &whole(0, 341), "AQAB").is_ok());
    }

    #[test]
    fn what_is_not_base64url_is_refused() {
        assert_eq!(Key::rsa("k", "n=", "AQAB").expect_err("padded"), InvalidKey::Encoding("n` or `e"));
        assert_eq!(Key::ec("k", "+/", "AQAB").expect_err("plain base64"), InvalidKey::Encoding("x` or `y"));
    }

    #[test]
    fn coordinates_that_are_on_no_curve_are_refused() {
        let one = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE";
        assert_eq!(Key::ec("k", one, one).expect_err("no point"), InvalidKey::Point);
        assert_eq!(Key::ec("k", "AQ", "AQ").expect_err("too short"), InvalidKey::Point);
    }
}
