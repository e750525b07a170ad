package caravan.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.DamagedException;
import caravan.snapshot.Digest;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SignedNoteTest {

    private static final byte[] LINE = utf8("{\"format\":\"caravan-record-1\",\"network\":\"中\"}");

    private static final SigningKey KEY = SigningKey.generate();

    private static final TrustedKeys TRUSTED = TrustedKeys.of(KEY.publicKey());

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource
    void whatIsSignedIsRead(NoteKind kind) throws Exception {
        VerifiedNote note = SignedNote.verify(SignedNote.sign(LINE, kind, KEY), kind, TRUSTED, "x");

        assertThat(note.line()).isEqualTo(LINE);
        assertThat(note.fingerprint()).isEqualTo(KEY.fingerprint());
        assertThat(note.lineDigest()).isEqualTo(Digest.of(concat(LINE, utf8("\n"))));
        assertThat(note.lineSize()).isEqualTo(LINE.length + 1);
    }

    @Test
    void sameLineAndKeyGiveTheSameBytes() {
        assertThat(SignedNote.sign(LINE, NoteKind.RECORD, KEY)).isEqualTo(SignedNote.sign(LINE, NoteKind.RECORD, KEY));
    }

    @Test
    void everyFlippedBitIsNoticed() {
        byte[] note = SignedNote.sign(LINE, NoteKind.RECORD, KEY);

        for (int bit = 0; bit < 8 * note.length; bit++) {
            byte[] flipped = note.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);

            assertRefused(flipped, NoteKind.RECORD, "cannot believe");
        }
    }

    @Test
    void everyTruncationIsNoticed() {
        byte[] note = SignedNote.sign(LINE, NoteKind.RECORD, KEY);

        for (int length = 0; length < note.length; length++) {
            assertRefused(Arrays.copyOf(note, length), NoteKind.RECORD, "cannot believe");
        }
    }

    @Test
    void noteOfAnotherKindIsRefused() {
        byte[] note = SignedNote.sign(LINE, NoteKind.RECORD, KEY);

        assertRefused(note, NoteKind.POINTER, "another purpose than caravan-pointer");
    }

    @Test
    void signersOfAWholeNoteAreNamedWhoeverTheyAre() {
        SigningKey stranger = SigningKey.generate();
        byte[] note = SignedNote.sign(LINE, NoteKind.CATALOG, KEY, stranger);

        assertThat(SignedNote.signers(note, NoteKind.CATALOG))
                .containsExactlyInAnyOrder(KEY.fingerprint(), stranger.fingerprint());
        assertThat(SignedNote.signers(note, NoteKind.RECORD)).isEmpty();
        assertThat(SignedNote.signers(new byte[SignedNote.MAX_BYTES + 1], NoteKind.CATALOG))
                .isEmpty();
        for (int at = 0; at < note.length; at++) {
            byte[] flipped = note.clone();
            flipped[at] ^= 1;
            assertThat(SignedNote.signers(flipped, NoteKind.CATALOG))
                    .as("byte %d", at)
                    .isEmpty();
            assertThat(SignedNote.signers(Arrays.copyOf(note, at), NoteKind.CATALOG)
                            .size())
                    .as("length %d", at)
                    .isLessThan(2);
        }
    }

    @Test
    void noteOfAnUnknownKeyIsRefusedAndTheKeyIsNamed() {
        SigningKey stranger = SigningKey.generate();

        assertRefused(
                SignedNote.sign(LINE, NoteKind.RECORD, stranger),
                NoteKind.RECORD,
                "no trusted key has signed it, only " + stranger.fingerprint() + " (the key is not trusted)");
    }

    @Test
    void oneTrustedSignatureAmongOthersIsEnough() throws Exception {
        byte[] note = SignedNote.sign(LINE, NoteKind.RECORD, SigningKey.generate(), KEY, SigningKey.generate());

        assertThat(SignedNote.verify(note, NoteKind.RECORD, TRUSTED, "x").fingerprint())
                .isEqualTo(KEY.fingerprint());
    }

    @Test
    void wrongSignatureInTheNameOfATrustedKeyIsNeverPassedOver() {
        SigningKey second = SigningKey.generate();
        byte[] good = SignedNote.sign(LINE, NoteKind.RECORD, KEY);
        byte[] other = SignedNote.sign(utf8("{}"), NoteKind.RECORD, second);
        byte[] mixed = concat(good, Arrays.copyOfRange(other, "{}\n".length(), other.length));

        assertThatThrownBy(() ->
                        SignedNote.verify(mixed, NoteKind.RECORD, TRUSTED.and(TrustedKeys.of(second.publicKey())), "x"))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("is wrong: it does not match the signed line");
    }

    @Test
    void signatureOfAnotherLineIsRefused() {
        byte[] other = SignedNote.sign(utf8("{}"), NoteKind.RECORD, KEY);
        byte[] moved = concat(utf8("{ }"), Arrays.copyOfRange(other, 2, other.length));

        assertRefused(moved, NoteKind.RECORD, "does not match the signed line");
    }

    @Test
    void whatIsNoNoteIsRefused() {
        assertRefused(new byte[0], NoteKind.RECORD, "no line");
        assertRefused(utf8("\n"), NoteKind.RECORD, "no line");
        assertRefused(LINE, NoteKind.RECORD, "no line");
        assertRefused(concat(LINE, utf8("\n")), NoteKind.RECORD, "it has no signature");
        assertRefused(concat(LINE, utf8("\nhello\n")), NoteKind.RECORD, "its signature 1 cannot be read");
        byte[] good = SignedNote.sign(LINE, NoteKind.RECORD, KEY);
        assertRefused(concat(good, utf8("\n")), NoteKind.RECORD, "its signature 2 cannot be read");
        assertRefused(concat(new byte[] {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF}, good), NoteKind.RECORD, "is wrong");
        assertRefused(utf8(new String(good, StandardCharsets.UTF_8).replace("\n", "\r\n")), NoteKind.RECORD, "cannot");
    }

    @Test
    void tooManySignaturesAreRefused() {
        byte[] one = SignedNote.sign(LINE, NoteKind.RECORD, KEY);
        byte[] signature = Arrays.copyOfRange(one, LINE.length + 1, one.length);
        byte[] note = one;
        for (int count = 1; count < 9; count++) {
            note = concat(note, signature);
        }

        assertRefused(note, NoteKind.RECORD, "more than 8 signatures");
    }

    @Test
    void noteThatIsTooLargeIsRefusedOnBothSides() {
        byte[] line = new byte[SignedNote.MAX_BYTES];
        Arrays.fill(line, (byte) 'x');

        assertThatThrownBy(() -> SignedNote.sign(line, NoteKind.CATALOG, KEY))
                .isInstanceOf(IllegalArgumentException.class);
        assertRefused(concat(line, utf8("\n")), NoteKind.CATALOG, "more than 65536 bytes");
    }

    @Test
    void onlyOneNonEmptyLineCanBeSigned() {
        for (String line : new String[] {"", "\n", "a\nb", "a\n"}) {
            assertThatThrownBy(() -> SignedNote.sign(utf8(line), NoteKind.RECORD, KEY))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> SignedNote.sign(LINE, NoteKind.RECORD)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @EnumSource
    void opensshAcceptsWhatWeSign(NoteKind kind) throws Exception {
        SshKeygen keygen = new SshKeygen(directory);
        byte[] note = SignedNote.sign(LINE, kind, KEY, SigningKey.generate());
        Files.write(directory.resolve("sig"), Arrays.copyOfRange(note, LINE.length + 1, note.length));
        Files.writeString(directory.resolve("allowed"), "me " + KEY.publicKey().toOpenSsh() + "\n");

        String said = keygen.run(
                concat(LINE, utf8("\n")),
                "-Y",
                "verify",
                "-f",
                "allowed",
                "-I",
                "me",
                "-n",
                kind.namespace(),
                "-s",
                "sig");

        assertThat(said).contains("Good").contains(KEY.fingerprint());
    }

    @Test
    void opensshRefusesWhatWeSignedForAnotherPurposeOrAnotherLine() throws Exception {
        SshKeygen keygen = new SshKeygen(directory);
        byte[] note = SignedNote.sign(LINE, NoteKind.RECORD, KEY);
        Files.write(directory.resolve("sig"), Arrays.copyOfRange(note, LINE.length + 1, note.length));
        Files.writeString(directory.resolve("allowed"), "me " + KEY.publicKey().toOpenSsh() + "\n");

        for (String[] wrong : new String[][] {{"caravan-pointer", "\n"}, {"caravan-record", "\n\n"}}) {
            assertThat(keygen.outcomeOf(
                                    concat(LINE, utf8(wrong[1])),
                                    "-Y",
                                    "verify",
                                    "-f",
                                    "allowed",
                                    "-I",
                                    "me",
                                    "-n",
                                    wrong[0],
                                    "-s",
                                    "sig")
                            .status())
                    .isNotZero();
        }
    }

    @Test
    void weAcceptWhatOpensshSigns() throws Exception {
        SshKeygen keygen = new SshKeygen(directory);
        keygen.run(new byte[0], "-q", "-t", "ed25519", "-N", "", "-f", "key");
        Files.write(directory.resolve("line"), concat(LINE, utf8("\n")));
        keygen.run(new byte[0], "-Y", "sign", "-f", "key", "-n", "caravan-record", "line");
        byte[] note = concat(
                Files.readAllBytes(directory.resolve("line")), Files.readAllBytes(directory.resolve("line.sig")));
        TrustedKeys trusted = TrustedKeys.load(directory.resolve("key.pub"));

        VerifiedNote verified = SignedNote.verify(note, NoteKind.RECORD, trusted, "x");

        assertThat(verified.line()).isEqualTo(LINE);
        assertThat(SignedNote.sign(LINE, NoteKind.RECORD, SigningKey.load(directory.resolve("key"))))
                .isEqualTo(note);
    }

    @Test
    void keyOfAnotherTypeIsNeverTrusted() throws Exception {
        SshKeygen keygen = new SshKeygen(directory);
        keygen.run(new byte[0], "-q", "-t", "ecdsa", "-N", "", "-f", "key");
        Files.write(directory.resolve("line"), concat(LINE, utf8("\n")));
        keygen.run(new byte[0], "-Y", "sign", "-f", "key", "-n", "caravan-record", "line");
        byte[] note = concat(
                Files.readAllBytes(directory.resolve("line")), Files.readAllBytes(directory.resolve("line.sig")));
        String fingerprint = keygen.run(new byte[0], "-l", "-f", "key.pub").split(" ", -1)[1];

        assertThatThrownBy(() -> SignedNote.verify(note, NoteKind.RECORD, TrustedKeys.parseOption(fingerprint), "x"))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("only keys of type ssh-ed25519");
    }

    private static void assertRefused(byte[] note, NoteKind kind, String reason) {
        assertThatThrownBy(() -> SignedNote.verify(note, kind, TRUSTED, "https://example.org/demo/latest"))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("https://example.org/demo/latest")
                .hasMessageContaining(reason);
    }

    private static byte[] concat(byte[] first, byte[] second) {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(first);
        both.writeBytes(second);
        return both.toByteArray();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
