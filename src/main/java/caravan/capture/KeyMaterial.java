package caravan.capture;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Names under which nodes keep secret keys. A directory with one of them in it is never published, whoever asked for
 * it: what is public once stays public.
 */
final class KeyMaterial {

    /** Of Substrate, of Ethereum's clients and of Tendermint. */
    private static final Set<String> NAMES = Set.of(
            "keystore",
            "network",
            "secret_ed25519",
            "nodekey",
            "jwt.hex",
            "jwtsecret",
            "node_key.json",
            "priv_validator_key.json");

    /** A Substrate keystore's files (type and public key in hexadecimal), and what other programs call their keys. */
    private static final Pattern FORMS =
            Pattern.compile("[0-9a-f]{72,74}|utc--.*--[0-9a-f]{40}|id_(rsa|ecdsa|ed25519)|.*\\.(pem|key)");

    private KeyMaterial() {}

    /** Whether an entry of a directory that is called {@code name} may hold secret keys. */
    static boolean isNamed(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return NAMES.contains(lower) || FORMS.matcher(lower).matches();
    }
}
