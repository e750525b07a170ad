package caravan.app.pipeline;

import caravan.alert.MailSettings;
import jakarta.mail.Address;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.internet.MimeMessage;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.component.mail.DefaultJavaMailSender;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends alerts by e-mail. A message that some readers got is sent: a mailbox that is refused is written into the log,
 * and keeps neither this alert nor those behind it from the others. It fails only if nobody got it.
 */
final class AlertMailSender extends DefaultJavaMailSender {

    private static final Logger LOG = LoggerFactory.getLogger(AlertMailSender.class);

    /** Sends by the server of {@code mail}. */
    AlertMailSender(MailSettings mail) {
        setJavaMailProperties(mail.properties());
        setProtocol(mail.protocol());
        setHost(mail.server().getHost());
        setPort(mail.port());
        if (!mail.user().isEmpty()) {
            setUsername(mail.user());
            setPassword(mail.password());
        }
    }

    @Override
    public void send(MimeMessage message) throws MessagingException {
        try {
            super.send(message);
        } catch (SendFailedException e) {
            if (e.getValidSentAddresses() == null || e.getValidSentAddresses().length == 0) {
                throw e;
            }
            LOG.warn(
                    "an alert did not reach {}, and reached the others: {} HINT: correct caravan.alert.email.to",
                    Stream.of(e.getInvalidAddresses(), e.getValidUnsentAddresses())
                            .flatMap(
                                    addresses -> addresses == null ? Stream.<Address>empty() : Arrays.stream(addresses))
                            .map(Address::toString)
                            .collect(Collectors.joining(", ")),
                    reason(e));
        }
    }

    /** What the server said; that of the message as a whole comes first and says nothing. */
    private static String reason(SendFailedException failure) {
        MessagingException last = failure;
        while (last.getNextException() instanceof MessagingException next) {
            last = next;
        }
        return String.valueOf(last.getMessage())
                .replaceAll("[\\s\\p{Cntrl}]+", " ")
                .strip();
    }
}
