package caravan.localedge;

import java.io.StringReader;
import java.io.StringWriter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import javax.xml.stream.XMLStreamWriter;

/** Requests and answers of CloudFront's API, version 2020-05-31, as far as they are about invalidations. */
final class InvalidationXml {

    static final String NAMESPACE = "http://cloudfront.amazonaws.com/doc/2020-05-31/";

    private InvalidationXml() {}

    /** What a caller asks for. */
    record Batch(String callerReference, List<String> paths) {}

    static Batch readBatch(String xml) throws RefusedCallException {
        if (xml.isBlank()) {
            throw new RefusedCallException(new ApiFault(
                    400, "MissingBody", "This operation requires a body. Ensure that the body is present."));
        }
        try {
            return batchIn(reader(xml));
        } catch (XMLStreamException | NumberFormatException e) {
            throw new RefusedCallException(ApiFault.malformed("The XML you provided was not well-formed"));
        }
    }

    static String invalidation(LocalInvalidation one) {
        return document(writer -> {
            writer.writeStartElement("Invalidation");
            writer.writeDefaultNamespace(NAMESPACE);
            summary(writer, one);
            writer.writeStartElement("InvalidationBatch");
            writer.writeStartElement("Paths");
            text(writer, "Quantity", Integer.toString(one.paths().size()));
            writer.writeStartElement("Items");
            for (String path : one.paths()) {
                text(writer, "Path", path);
            }
            writer.writeEndElement();
            writer.writeEndElement();
            text(writer, "CallerReference", one.callerReference());
            writer.writeEndElement();
            writer.writeEndElement();
        });
    }

    static String list(List<LocalInvalidation> all) {
        return document(writer -> {
            writer.writeStartElement("InvalidationList");
            writer.writeDefaultNamespace(NAMESPACE);
            text(writer, "Marker", "");
            text(writer, "MaxItems", "100");
            text(writer, "IsTruncated", "false");
            text(writer, "Quantity", Integer.toString(all.size()));
            writer.writeStartElement("Items");
            for (LocalInvalidation one : all) {
                writer.writeStartElement("InvalidationSummary");
                summary(writer, one);
                writer.writeEndElement();
            }
            writer.writeEndElement();
            writer.writeEndElement();
        });
    }

    static String error(ApiFault fault, String requestId) {
        return document(writer -> {
            writer.writeStartElement("ErrorResponse");
            writer.writeDefaultNamespace(NAMESPACE);
            writer.writeStartElement("Error");
            text(writer, "Type", fault.status() < 500 ? "Sender" : "Receiver");
            text(writer, "Code", fault.code());
            text(writer, "Message", fault.message());
            writer.writeEndElement();
            text(writer, "RequestId", requestId);
            writer.writeEndElement();
        });
    }

    private interface Content {
        void writeTo(XMLStreamWriter writer) throws XMLStreamException;
    }

    private static Batch batchIn(XMLStreamReader reader) throws XMLStreamException, RefusedCallException {
        String reference = "";
        int quantity = -1;
        List<String> paths = new ArrayList<>();
        while (reader.hasNext()) {
            if (reader.next() == XMLStreamConstants.START_ELEMENT) {
                switch (reader.getLocalName()) {
                    case "CallerReference" -> reference = reader.getElementText();
                    case "Quantity" -> quantity = Integer.parseInt(reader.getElementText());
                    case "Path" -> paths.add(reader.getElementText());
                    default -> {}
                }
            }
        }
        if (reference.isEmpty()) {
            throw new RefusedCallException(ApiFault.malformed("CallerReference is missing"));
        }
        if (quantity != paths.size() || paths.isEmpty()) {
            throw new RefusedCallException(ApiFault.WRONG_QUANTITY);
        }
        return new Batch(reference, List.copyOf(paths));
    }

    private static XMLStreamReader reader(String xml) throws XMLStreamException {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        return factory.createXMLStreamReader(new StringReader(xml));
    }

    private static void summary(XMLStreamWriter writer, LocalInvalidation one) throws XMLStreamException {
        text(writer, "Id", one.id());
        text(writer, "Status", one.completed() ? "Completed" : "InProgress");
        text(
                writer,
                "CreateTime",
                one.createdAt().truncatedTo(ChronoUnit.MILLIS).toString());
    }

    private static void text(XMLStreamWriter writer, String element, String text) throws XMLStreamException {
        writer.writeStartElement(element);
        writer.writeCharacters(text);
        writer.writeEndElement();
    }

    private static String document(Content content) {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter writer = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
            writer.writeStartDocument("UTF-8", "1.0");
            content.writeTo(writer);
            writer.writeEndDocument();
            writer.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("text cannot be written to memory", e);
        }
        return text.toString();
    }
}
