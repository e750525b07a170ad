package caravan.signature;

import caravan.failure.WrongUsageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/** Private keys in the format of OpenSSH's PROTOCOL.key, without passphrase. */
final class PrivateKeyFile {

    private static final byte[] MAGIC = "openssh-key-v1\0".getBytes(StandardCharsets.US_ASCII);

    private static final String NO_CIPHER = "none";

    /** Block size that the private part is filled up to when there is no cipher. */
    private static final int BLOCK = 8;

    private static final int SEED_BYTES = 32;

    /** A key without passphrase has about 400 bytes. */
    private static final long MAX_BYTES = 16 << 10;

    private static final Set<PosixFilePermission> OWNER_ONLY =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private static final Set<PosixFilePermission> OTHERS = EnumSet.complementOf(EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE));

    private PrivateKeyFile() {}

    static SigningKey read(Path file) throws WrongUsageException {
        try {
            refuseIfOthersMayUse(file);
            if (Files.size(file) > MAX_BYTES) {
                throw new IllegalArgumentException("it is far too large for a key");
            }
            return parse(Files.readString(file, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw new WrongUsageException(
                    "cannot read the signing key " + file + ": " + e.getClass().getSimpleName(),
                    "the file must exist and be readable by the user who runs this; keygen makes a new one",
                    e);
        } catch (IllegalArgumentException e) {
            throw new WrongUsageException(
                    "cannot use the signing key " + file + ": " + e.getMessage(),
                    "it must be an Ed25519 private key in OpenSSH format without passphrase, as keygen or"
                            + " ssh-keygen -t ed25519 -N '' makes it",
                    e);
        }
    }

    static void write(Path file, SigningKey key) throws IOException, WrongUsageException {
        Path publicFile = Path.of(file + ".pub");
        for (Path wanted : new Path[] {file, publicFile}) {
            if (Files.exists(wanted, LinkOption.NOFOLLOW_LINKS)) {
                throw exists(wanted, null);
            }
        }
        try {
            create(file, format(key), OWNER_ONLY);
            Set<PosixFilePermission> everyoneReads = PosixFilePermissions.fromString("rw-r--r--");
            create(publicFile, key.publicKey().toOpenSsh() + " caravan\n", everyoneReads);
        } catch (FileAlreadyExistsException e) {
            throw exists(Path.of(e.getFile()), e);
        }
    }

    private static WrongUsageException exists(Path file, Exception cause) {
        return new WrongUsageException(
                "did not write a key to " + file + ": it exists already",
                "a key is never overwritten; choose another name",
                cause);
    }

    private static void create(Path file, String content, Set<PosixFilePermission> permissions) throws IOException {
        Set<StandardOpenOption> options = EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        FileAttribute<?>[] attributes = isPosix(file.toAbsolutePath().getParent())
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)}
                : new FileAttribute<?>[0];
        try (FileChannel channel = FileChannel.open(file, options, attributes)) {
            ByteBuffer bytes = ByteBuffer.wrap(content.getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    private static boolean isPosix(Path directory) throws IOException {
        return Files.getFileStore(directory).supportsFileAttributeView("posix");
    }

    /** As ssh does: who can read the file can publish in our name. */
    private static void refuseIfOthersMayUse(Path file) throws IOException, WrongUsageException {
        if (!isPosix(file)) {
            return;
        }
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
        if (permissions.stream().anyMatch(OTHERS::contains)) {
            throw new WrongUsageException(
                    "did not use the signing key " + file + ": its permissions "
                            + PosixFilePermissions.toString(permissions) + " let others than its owner at it",
                    "chmod 600 " + file + ", and make a new key if others could have read it");
        }
    }

    private static String format(SigningKey key) {
        TrustedKey publicKey = key.publicKey();
        int check = new SecureRandom().nextInt();
        WireWriter secret = new WireWriter()
                .number(check)
                .number(check)
                .string(TrustedKey.TYPE)
                .string(publicKey.point())
                .string(new WireWriter().raw(key.seed()).raw(publicKey.point()).bytes())
                .string("caravan");
        for (byte pad = 1; secret.size() % BLOCK != 0; pad++) {
            secret.raw(new byte[] {pad});
        }
        return Armor.PRIVATE_KEY.wrap(new WireWriter()
                .raw(MAGIC)
                .string(NO_CIPHER)
                .string(NO_CIPHER)
                .string("")
                .number(1)
                .string(publicKey.blob())
                .string(secret.bytes())
                .bytes());
    }

    private static SigningKey parse(String text) {
        WireReader reader = new WireReader(Armor.PRIVATE_KEY.unwrap(text)).expect(MAGIC);
        String cipher = reader.text();
        String derivation = reader.text();
        reader.string();
        if (!cipher.equals(NO_CIPHER) || !derivation.equals(NO_CIPHER)) {
            throw new IllegalArgumentException("it is protected by a passphrase");
        }
        if (reader.number() != 1) {
            throw new IllegalArgumentException("it does not hold exactly one key");
        }
        TrustedKey publicKey = TrustedKey.fromBlob(reader.string());
        WireReader secret = new WireReader(reader.string());
        reader.end();
        return parseSecret(secret, publicKey);
    }

    private static SigningKey parseSecret(WireReader secret, TrustedKey publicKey) {
        int check = secret.number();
        int repeatedCheck = secret.number();
        if (check != repeatedCheck || !secret.text().equals(TrustedKey.TYPE)) {
            throw new IllegalArgumentException("its private part is damaged");
        }
        TrustedKey repeated = new TrustedKey(secret.string());
        byte[] both = secret.string();
        if (both.length != 2 * SEED_BYTES || !repeated.equals(publicKey)) {
            throw new IllegalArgumentException("its private part is damaged");
        }
        secret.string();
        byte[] padding = secret.rest();
        for (int at = 0; at < padding.length; at++) {
            if (padding[at] != at + 1) {
                throw new IllegalArgumentException("its private part is damaged");
            }
        }
        return new SigningKey(Arrays.copyOf(both, SEED_BYTES), publicKey);
    }
}
