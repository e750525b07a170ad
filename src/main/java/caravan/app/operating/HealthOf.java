package caravan.app.operating;

import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/**
 * The health of one thing, for readiness. It is no reason to restart the process, which could not mend it: liveness
 * asks nothing but whether the process answers.
 */
final class HealthOf extends AbstractHealthCheck {

    private final Supplier<Optional<String>> fault;

    /**
     * A check called {@code name}.
     *
     * @param fault what is wrong now, in a few words without secrets; nothing if all is well. It must not wait for
     *     anything
     */
    HealthOf(String name, Supplier<Optional<String>> fault) {
        super("caravan", name);
        this.fault = fault;
    }

    @Override
    public boolean isLiveness() {
        return false;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        Optional<String> found = fault.get();
        if (found.isPresent()) {
            builder.down().message(found.get());
        } else {
            builder.up();
        }
    }
}
