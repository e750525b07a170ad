package caravan.manifest;

import caravan.failure.DamagedException;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** One JSON object in one line, which is what a signed note says. */
final class NoteLine {

    private NoteLine() {}

    static byte[] write(Fields fields) {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try (JsonGenerator json = CompactJson.to(line)) {
            json.writeStartObject();
            fields.writeTo(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("memory can always be written to", e);
        }
        return line.toByteArray();
    }

    static <T> T read(byte[] line, String what, ObjectReader<T> reader) throws DamagedException {
        return read(
                line,
                what,
                "it is signed like this, so tell the publisher; a newer version of this program may read it",
                reader);
    }

    /** Reads an object that is perhaps not signed; {@code hint} is what to say if it is of no use. */
    static <T> T read(byte[] line, String what, String hint, ObjectReader<T> reader) throws DamagedException {
        try (StrictJson json = new StrictJson(new StringReader(StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(line))
                .toString()))) {
            json.beginObject();
            T value = reader.read(json);
            json.end();
            return value;
        } catch (JsonProcessingException e) {
            throw damaged(what, hint, e.getOriginalMessage(), e);
        } catch (CharacterCodingException e) {
            throw damaged(what, hint, "it is not UTF-8", e);
        } catch (IOException e) {
            throw new UncheckedIOException("memory can always be read", e);
        } catch (NewerFormatException e) {
            throw damaged(what, NewerFormatException.HINT, e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw damaged(what, hint, e.getMessage(), e);
        }
    }

    private static DamagedException damaged(String what, String hint, String reason, Exception cause) {
        return new DamagedException("cannot use the " + what + ": " + PlainText.printable(reason), hint, cause);
    }

    @FunctionalInterface
    interface Fields {
        void writeTo(JsonGenerator json) throws IOException;
    }

    @FunctionalInterface
    interface ObjectReader<T> {
        T read(StrictJson json) throws IOException;
    }
}
