package io.holdfast.master;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The arrows between the modules, and what the rules may not touch. */
class ArchitectureTest {
  private static final JavaClasses MODULE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.holdfast.master");

  private static final Set<String> RULES =
      Set.of(
          "io.holdfast.master.run.RunRules",
          "io.holdfast.master.run.TaskCallRules",
          "io.holdfast.master.run.Told",
          "io.holdfast.master.run.JobState",
          "io.holdfast.master.run.RunRecord",
          "io.holdfast.master.run.ExecutionRecord",
          "io.holdfast.master.run.Fleet",
          "io.holdfast.master.link.LinkRules",
          "io.holdfast.master.link.LinkState",
          "io.holdfast.master.link.LinkExecution",
          "io.holdfast.master.catalog.CatalogState",
          "io.holdfast.master.link.SessionMemory");

  private static final Set<String> STATES =
      Set.of(
          "io.holdfast.master.run.JobState",
          "io.holdfast.master.link.LinkState",
          "io.holdfast.master.catalog.CatalogState");

  private static final Set<String> MAINS =
      Set.of("io.holdfast.master.MasterMain", "io.holdfast.master.cli.HoldfastCli");

  private static DescribedPredicate<JavaClass> in(Set<String> names) {
    return DescribedPredicate.describe(
        "one of " + names,
        type -> names.stream().anyMatch(n -> (type.getName() + "$").startsWith(n + "$")));
  }

  private static DescribedPredicate<JavaCall<?>> call(String words, Set<String> calls) {
    return DescribedPredicate.describe(
        words, call -> calls.contains(call.getTargetOwner().getName() + "." + call.getName()));
  }

  @Test
  void aMasterKnowsNothingOfAgentsButTheProtocol() {
    noClasses()
        .should()
        .dependOnClassesThat(resideInAnyPackage("io.holdfast.agent.."))
        .because("each can be upgraded without the other")
        .check(MODULE);
  }

  @Test
  void theRulesHaveNoClockNoChanceNoInputAndNoActors() {
    noClasses()
        .that(in(RULES))
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                "akka..", "java.io..", "java.net..", "java.nio..", "java.util.concurrent.."))
        .because("a decision can be replayed")
        .check(MODULE);
    noClasses()
        .that(in(RULES))
        .should()
        .callMethodWhere(
            DescribedPredicate.<JavaCall<?>>describe(
                "asks for the time or for chance",
                call -> {
                  String owner = call.getTargetOwner().getName();
                  return owner.equals("java.util.UUID")
                      || owner.equals("java.lang.Math") && call.getName().equals("random")
                      || owner.equals("java.lang.System")
                      || owner.startsWith("java.time.") && call.getName().equals("now");
                }))
        .because("time, ids and chance are parameters")
        .check(MODULE);
  }

  @Test
  void onlyEvolveMakesStates() {
    noClasses()
        .that(DescribedPredicate.not(in(STATES)))
        .should()
        .callConstructorWhere(
            DescribedPredicate.describe(
                "makes a state", call -> STATES.contains(call.getTargetOwner().getName())))
        .because("a state that no event led to is lost with the next restart")
        .check(MODULE);
  }

  @Test
  void nobodySleeps() {
    noClasses()
        .that(DescribedPredicate.not(resideInAnyPackage("io.holdfast.master.cli..")))
        .should()
        .callMethodWhere(call("sleeps", Set.of("java.lang.Thread.sleep")))
        .because("a thread that sleeps is taken from everybody else")
        .check(MODULE);
  }

  @Test
  void onlyMainsEndTheProgram() {
    noClasses()
        .that(DescribedPredicate.not(in(MAINS)))
        .should()
        .callMethodWhere(
            call("ends the JVM", Set.of("java.lang.System.exit", "java.lang.Runtime.halt")))
        .because("what ends a program says why, in one place")
        .check(MODULE);
  }
}
