package caravan.app.routing;

import java.util.ArrayList;
import java.util.List;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.ExpressionNode;
import org.apache.camel.model.LoopDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.SetHeaderDefinition;
import org.apache.camel.model.SetVariableDefinition;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.model.language.ExpressionDefinition;
import org.apache.camel.model.language.MethodCallExpression;

/** What a step of a route does and where it stands, in a few words that can be compared. */
final class StepWords {

    private StepWords() {}

    /**
     * {@code bean.method} for a bean, the address for a call of a route, the kind of endpoint for any other, the
     * expression for a filter, loop, split or body, {@code name = expression} for a variable or header; empty for
     * anything else.
     */
    static String of(ProcessorDefinition<?> step) {
        if (step instanceof BeanDefinition bean) {
            return bean.getRef() + "." + bean.getMethod();
        }
        if (step instanceof ToDefinition call) {
            String uri = call.getEndpointUri();
            return EndpointUri.schemeOf(uri).equals("direct") ? EndpointUri.pathOf(uri) : EndpointUri.schemeOf(uri);
        }
        if (step instanceof SetVariableDefinition variable) {
            return variable.getName() + " = " + expressionOf(variable);
        }
        if (step instanceof SetHeaderDefinition header) {
            return header.getName() + " = " + expressionOf(header);
        }
        if (step instanceof LoopDefinition loop && !"true".equals(loop.getDoWhile())) {
            return expressionOf(loop) + " times";
        }
        return step instanceof ExpressionNode other ? expressionOf(other) : "";
    }

    /** Ids of the steps around {@code step}, the outermost first; the kind of one that has no id of its own. */
    static List<String> around(ProcessorDefinition<?> step) {
        List<String> around = new ArrayList<>();
        for (ProcessorDefinition<?> at = step.getParent();
                at != null && !(at instanceof RouteDefinition);
                at = at.getParent()) {
            around.add(0, at.getId() == null ? at.getShortName() : at.getId());
        }
        return around;
    }

    private static String expressionOf(ExpressionNode step) {
        ExpressionDefinition expression = step.getExpression();
        // What the YAML calls "expression" is a wrapper around the language.
        while (expression != null && expression.getExpressionType() != null) {
            expression = expression.getExpressionType();
        }
        if (expression instanceof MethodCallExpression call) {
            return call.getRef() + "." + call.getMethod();
        }
        return expression == null ? "" : String.valueOf(expression.getExpression());
    }
}
